/** What something is about, by its name (model/subjects.ts). */
import { subjectName } from '../model/subjects.js'
import { address, city, structure } from './state.js'

export function SubjectName({ subject }: { readonly subject: string }) {
  // Names come with the list of units, which may be read later than the first alert is heard of.
  structure.value
  const name = subjectName(subject, address.value.locale, (unit) => city.tiles.get(unit)?.name)
  return <span class="subject">{name}</span>
}
