/**
 * Which web pages may open a stream. Programs send no Origin and prove themselves by their token (RFC 6455, 10.2).
 *
 * Compared by host, whatever the port: the wall is served on another port than the stream.
 */
import type { Refusal } from './refusal.js'

export const originRefusal: Refusal = {
  code: 'QW_NOT_ALLOWED',
  detail: { reason: 'this origin may not open a stream' },
}

export function isOriginAllowed(origin: string, hosts: readonly string[]): boolean {
  if (origin === '') return true
  if (!URL.canParse(origin)) return false
  return hosts.includes(new URL(origin).hostname)
}
