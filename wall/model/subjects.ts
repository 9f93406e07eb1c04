/**
 * What a subject is called: the city, a county, a sector, the pool, an account, a feed, a part of the service, or a unit
 * by its name with the task, loan, request or case of it.
 */
import { accountName, countyName, isCounty, type Locale, partName, sectorName } from './names.js'
import { texts } from './texts.js'

/** What is no unit and has a name of its own behind its kind. */
const kinds = {
  sector: { kind: texts.sector, nameOf: sectorName },
  account: { kind: texts.account, nameOf: accountName },
  self: { kind: texts.service, nameOf: partName },
} as const

type Kind = keyof typeof kinds

/** A unit's id holds no slash. */
const kindIn = (subject: string): Kind | undefined => {
  const kind = subject.slice(0, subject.indexOf('/'))
  return Object.hasOwn(kinds, kind) ? (kind as Kind) : undefined
}

/** `unitName`: undefined where no such unit is known yet; its id is shown then. */
export function subjectName(
  subject: string,
  locale: Locale,
  unitName: (id: string) => string | undefined = () => undefined,
): string {
  if (subject === 'city') return texts.all[locale]
  if (subject === 'pool') return texts.pool[locale]
  if (isCounty(subject)) return countyName(subject, locale)
  // A feed is called as it calls itself.
  if (subject.startsWith('/') || subject.includes('://')) return subject
  const known = kindIn(subject)
  if (known) {
    const { kind, nameOf } = kinds[known]
    return `${kind[locale]} / ${nameOf(subject.slice(known.length + 1), locale)}`
  }
  const [unit = '', ...rest] = subject.split('/')
  return [unitName(unit) ?? unit, ...rest].join(' / ')
}

/** Of a subject that is a unit's task, loan, request or case: which one. Empty for everything else. */
export const thingOf = (subject: string): string =>
  subject.startsWith('/') || subject.includes('://') || kindIn(subject) ? '' : subject.split('/').slice(1).join('/')
