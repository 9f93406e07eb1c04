/**
 * Event requests at saturation: each id is used once, and making a request costs less than a microsecond.
 *
 * The contract staff of the units goes up and down; no colour changes, so what is measured is the way in and not the
 * way out. Everything but the id is written once, and the id has a fixed width, so the lengths are known beforehand.
 */
import { unitIdOf } from './city.js'

const idDigits = 12
const template = '#'.repeat(idDigits)

const eventOf = (id: string, unit: string, entered: boolean, time: string): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/bench',
    type: entered ? 'contract.entered' : 'contract.left',
    subject: unit,
    time,
    data: { count: 1 },
  })

export interface BodySettings {
  readonly units: number
  /** Distinguishes the ids of this run from all others on the same service: `[a-z0-9-]+`. */
  readonly run: string
  readonly time: string
}

/** The event cut at the digits of its id: two per unit, one that enters and one that leaves. */
const halvesOf = ({ units, run, time }: BodySettings): { readonly before: string; readonly after: string }[] =>
  Array.from({ length: 2 * units }, (_, i) => {
    const text = eventOf(`${run}-${template}`, unitIdOf(i >> 1), i % 2 === 0, time)
    const at = text.indexOf(template)
    return { before: text.slice(0, at), after: text.slice(at + idDigits) }
  })

/** Returns a different event at each call. */
export const eventMaker = (settings: BodySettings): (() => string) => {
  const halves = halvesOf(settings)
  let made = 0
  return () => {
    const half = halves[made % halves.length]
    made += 1
    return `${half?.before}${String(made).padStart(idDigits, '0')}${half?.after}`
  }
}

/** Returns a different HTTP request, head and body, at each call. */
export const requestMaker = (
  settings: BodySettings & { readonly host: string; readonly port: number; readonly path: string },
): (() => Buffer) => {
  const halves = halvesOf(settings).map(({ before, after }) => ({
    before:
      `POST ${settings.path} HTTP/1.1\r\nHost: ${settings.host}:${settings.port}\r\n` +
      'Content-Type: application/cloudevents+json\r\n' +
      `Content-Length: ${before.length + idDigits + after.length}\r\n\r\n${before}`,
    after,
  }))
  let made = 0
  return () => {
    const half = halves[made % halves.length]
    made += 1
    return Buffer.from(`${half?.before}${String(made).padStart(idDigits, '0')}${half?.after}`, 'latin1')
  }
}
