/**
 * Entries of a map in the order of their keys: what goes into a snapshot must not depend on who came first.
 */
import { compareText } from './stamp.js'

export const sorted = <V>(map: Iterable<readonly [string, V]> | undefined): (readonly [string, V])[] =>
  [...(map ?? [])].sort(([a], [b]) => compareText(a, b))
