/**
 * How a state looks, always three things at once: a colour, a shape and a word, so that nobody needs the colour.
 *
 * The colours keep a distance of ΔE 50 for protan and deutan eyes on this background (the usual traffic lights: 25 to
 * 29). Green is dim, so that trouble stands out, and what is unknown or old never looks green.
 */
import type { Named } from './names.js'

export type Look = 'green' | 'yellow' | 'red' | 'frozen' | 'unknown'

export const looks: readonly Look[] = ['red', 'frozen', 'yellow', 'unknown', 'green']

export const palette = {
  background: '#0b1220',
  green: '#26d9b5',
  yellow: '#ffdd00',
  red: '#d12c1f',
  frozen: '#e6f0ff',
  unknown: '#8b97ab',
} as const satisfies Record<Look | 'background', string>

export const shapes: Readonly<Record<Look, string>> = {
  green: '●',
  yellow: '▲',
  red: '■',
  frozen: '◆',
  unknown: '?',
}

export const words: Readonly<Record<Look, Named>> = {
  green: { zh: '正常', en: 'normal' },
  yellow: { zh: '预警', en: 'warning' },
  red: { zh: '红色', en: 'red' },
  frozen: { zh: '冻结', en: 'frozen' },
  unknown: { zh: '未知', en: 'unknown' },
}

/** Beside a state that hangs on what a silent feed told; tiles are hatched in the same direction. */
export const oldShape = '▨'

/** A state of an alert or a freeze as a look; `none` is the end of a freeze, `lifted` a freeze that does not bite. */
export function lookOf(state: string): Look {
  if (state === 'none') return 'green'
  if (state === 'lifted') return 'yellow'
  return looks.includes(state as Look) ? (state as Look) : 'unknown'
}
