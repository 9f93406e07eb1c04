import { connect } from 'node:net'

/** Sends the bytes, and resolves with all that comes back until the other side hangs up. */
export function sayRaw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes))
    let heard = ''
    socket.setEncoding('utf8').on('data', (chunk) => {
      heard += chunk
    })
    socket.on('error', reject).on('close', () => resolve(heard))
  })
}
