/**
 * What the page shows, as signals. The city itself is no signal: it changes thousands of times a second. Its tiles are
 * painted once a frame (`changedIds`), its words and numbers less than three times a second (`glance`): nobody reads
 * faster, and what changes oftener flickers.
 */
import { signal } from '@preact/signals'
import type { StreamState } from '../../client/stream.js'
import { type Address, readAddress, writeAddress } from '../model/address.js'
import type { RuleSetAnswer, Summary } from '../model/answers.js'
import { City } from '../model/city.js'
import { Journal } from '../model/journal.js'
import { type Named, ruleName } from '../model/names.js'

/** Transitions that the ticker and the trend go back. */
const journalLengthMax = 500

export const city = new City()
export const journal = new Journal(journalLengthMax)

/** Grows whenever words and numbers are to be looked at anew. */
export const glance = signal(0)
/** Grows whenever units come, go, or get another name. */
export const structure = signal(0)
/** The ids that the last frame changed. */
export const changedIds = signal<readonly string[]>([])
export const stream = signal<StreamState>({ kind: 'connecting' })
export const summary = signal<Summary | undefined>(undefined)
/** What judges now: titles, playbooks, how alerts climb. */
export const ruleSet = signal<RuleSetAnswer | undefined>(undefined)
/** Who acknowledged last at this screen, so that nobody types a name twice. */
export const operator = signal('')
export const hasUnits = signal(false)
export const exercise = signal(false)
/** When the last word of the service came, by this computer's clock. */
export const heardMs = signal<number | undefined>(undefined)
/** What the clock in the corner shows: this computer's time, or the scenario's. */
export const clockMs = signal(Date.now())
export const address = signal<Address>(readAddress(location.search, navigator.languages))

export const say = (named: Named): string => named[address.value.locale]

/** As the rule set calls it; before that is read, or when the rule is gone, by the page's own words. */
export function titleOf(rule: string): string {
  const { locale } = address.value
  const found = ruleSet.value?.rules.find(({ id }) => id === rule)
  return found ? found.title[locale] : ruleName(rule, locale)
}

/** Goes to another view; what is undefined is taken out. */
export function go(change: { readonly [K in keyof Address]?: Address[K] | undefined }): void {
  const next = Object.fromEntries(Object.entries({ ...address.value, ...change }).filter(([, v]) => v !== undefined))
  address.value = next as unknown as Address
  history.replaceState(null, '', writeAddress(address.value))
}

/** Below three changes a second nothing can flash (WCAG 2.3.1). */
const glanceEveryMs = 400
let framePending = false
let glancedMs = Number.NEGATIVE_INFINITY
let glanceTimer: ReturnType<typeof setTimeout> | undefined

/** Asks for a frame. In a hidden tab none comes, and nothing piles up: what changed is a set of units. */
export function changed(): void {
  if (framePending) return
  framePending = true
  requestAnimationFrame(() => {
    framePending = false
    structure.value = city.structure
    changedIds.value = city.takeChanged()
    const waitMs = glancedMs + glanceEveryMs - performance.now()
    if (waitMs <= 0) look()
    else glanceTimer ??= setTimeout(look, waitMs)
  })
}

function look(): void {
  clearTimeout(glanceTimer)
  glanceTimer = undefined
  glancedMs = performance.now()
  glance.value += 1
}
