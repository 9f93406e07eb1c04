/**
 * What is shown, as it stands in the page's address: a screen is set up by its address alone, and a view can be sent
 * to somebody. Whatever is not understood falls back to the default.
 */
import { type County, isCounty, type Locale } from './names.js'

export interface Address {
  /** One county alone; all when absent. */
  readonly county?: County
  /** The unit whose details are open. */
  readonly unit?: string
  readonly view: 'tiles' | 'table'
  readonly locale: Locale
  /** Size of everything, 1 by default. */
  readonly scale: number
}

const scaleMin = 0.25
const scaleMax = 4

export function readAddress(search: string, languages: readonly string[] = []): Address {
  const query = new URLSearchParams(search)
  const county = query.get('county')
  const unit = query.get('unit')
  const scale = Number(query.get('scale') ?? 1)
  return {
    ...(isCounty(county) && { county }),
    ...(unit !== null && unit !== '' && { unit }),
    view: query.get('view') === 'table' ? 'table' : 'tiles',
    locale: localeOf(query.get('lang') ?? languages[0] ?? 'zh'),
    scale: Number.isFinite(scale) && scale >= scaleMin && scale <= scaleMax ? scale : 1,
  }
}

/** Always written out: the screen of one person shows another the same. */
export function writeAddress({ county, unit, view, locale, scale }: Address): string {
  const query = new URLSearchParams()
  if (county) query.set('county', county)
  if (unit !== undefined) query.set('unit', unit)
  if (view !== 'tiles') query.set('view', view)
  query.set('lang', locale)
  if (scale !== 1) query.set('scale', String(scale))
  return `?${query}`
}

const localeOf = (language: string): Locale => (language.toLowerCase().startsWith('en') ? 'en' : 'zh')
