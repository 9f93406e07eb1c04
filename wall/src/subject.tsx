/** What something is about: a unit by its name, a task with its unit, the city, a county; else the id as it came. */
import { countyName, isCounty } from '../model/names.js'
import { texts } from '../model/texts.js'
import { address, city, say, structure } from './state.js'

export function SubjectName({ subject }: { readonly subject: string }) {
  // Names come with the list of units, which may be read later than the first alert is heard of.
  structure.value
  return <span class="subject">{nameOf(subject)}</span>
}

function nameOf(subject: string): string {
  if (subject === 'city') return say(texts.all)
  if (isCounty(subject)) return countyName(subject, address.value.locale)
  const [unit = '', ...rest] = subject.split('/')
  return [city.tiles.get(unit)?.name ?? unit, ...rest].join(' / ')
}
