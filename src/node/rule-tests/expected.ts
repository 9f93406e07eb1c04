/**
 * What a rule test expects at a moment, as it is written.
 *
 * A list is complete for the rules and subjects that the check looks at: what nobody expected is a failure, as with
 * Alertmanager's acceptance collector. A list that is not there is an empty one; only `transitions` is compared where it
 * is written and nowhere else.
 */
import type { Part } from '../../config/rule-part.js'
import { nearest } from '../../core/nearest.js'
import { detailsOfAlerts, detailsOfFreezes, detailsOfProposals, type Item } from './items.js'
import { parseMoment, shownMoment } from './moments.js'

/** Undefined: all of them. */
export interface Watched {
  readonly rules?: ReadonlySet<string>
  readonly subjects?: ReadonlySet<string>
}

export interface Expected {
  readonly line: number
  readonly watched: Watched
  readonly alerts: readonly Item[]
  readonly freezes: readonly Item[]
  readonly proposals: readonly Item[]
  /** Since the check before, in order. */
  readonly transitions?: readonly string[]
}

/** `expect: [vacancy U1 yellow]` is short for `expect: { alerts: [vacancy U1 yellow] }`. */
export function readExpected(part: Part, around: Watched, ruleIds: readonly string[]): Expected {
  const { line } = part
  if (part.isList)
    return { line, watched: around, alerts: part.list((item) => readAlert(item, ruleIds)), freezes: [], proposals: [] }
  part.allow(['rules', 'subjects', 'alerts', 'freezes', 'proposals', 'transitions'])
  const alerts = part.at('alerts')
  const freezes = part.at('freezes')
  const proposals = part.at('proposals')
  const transitions = part.at('transitions')
  return {
    line,
    watched: { ...around, ...readWatched(part, ruleIds) },
    alerts: alerts.isThere ? alerts.list((item) => readAlert(item, ruleIds)) : [],
    freezes: freezes.isThere ? freezes.list(readFreeze) : [],
    proposals: proposals.isThere ? proposals.list((item) => readProposal(item, ruleIds)) : [],
    ...(transitions.isThere ? { transitions: transitions.list((transition) => readTransition(transition)) } : {}),
  }
}

/** `rules: [vacancy]`, `subjects: [U1]`. */
export function readWatched(part: Part, ruleIds: readonly string[]): Watched {
  const rules = part.at('rules')
  const subjects = part.at('subjects')
  return {
    ...(rules.isThere ? { rules: new Set(rules.list((rule) => knownRule(rule, rule.text(), ruleIds))) } : {}),
    ...(subjects.isThere ? { subjects: new Set(subjects.list((subject) => subject.text())) } : {}),
  }
}

function knownRule(part: Part, rule: string, ruleIds: readonly string[]): string {
  if (ruleIds.includes(rule)) return rule
  const meant = nearest(rule, ruleIds)
  return part.fail(`names no rule of the rule file: ${rule}${meant === undefined ? '' : `; is ${meant} meant?`}`)
}

function readAlert(part: Part, ruleIds: readonly string[]): Item {
  const { words, details } = readItem(part, detailsOfAlerts)
  const [rule, subject, colour] = words
  if (rule === undefined || subject === undefined || !isOneOf(colour, ['green', 'yellow', 'red']) || words.length > 3)
    return part.fail('must be a rule, a subject and a colour: vacancy U1 yellow')
  return { of: `${knownRule(part, rule, ruleIds)} ${subject}`, state: colour, details }
}

function readFreeze(part: Part): Item {
  const { words, details } = readItem(part, detailsOfFreezes)
  const [unit, state] = words
  if (unit === undefined || !isOneOf(state, ['none', 'frozen', 'lifted']) || words.length > 2)
    return part.fail('must be a unit and a state: U1 frozen')
  return { of: unit, state, details }
}

const proposalStates = ['none', 'open', 'approved', 'refused', 'withdrawn'] as const

function readProposal(part: Part, ruleIds: readonly string[]): Item {
  const { words, details } = readItem(part, detailsOfProposals)
  const [rule, subject, state = 'open'] = words
  if (rule === undefined || subject === undefined || !isOneOf(state, proposalStates) || words.length > 3)
    return part.fail('must be a rule, a subject and perhaps a state: efficiency-decile U1 open')
  return { of: `${knownRule(part, rule, ruleIds)} ${subject}`, state, details }
}

const isOneOf = <V extends string>(text: string | undefined, values: readonly V[]): text is V =>
  (values as readonly (string | undefined)[]).includes(text)

/** Text, or `{ is: text, figure: 21/100 }`. */
function readItem(part: Part, names: readonly string[]): { words: string[]; details: Record<string, string> } {
  if (part.isText) return { words: wordsOf(part), details: {} }
  part.allow(['is', ...names])
  const details = part.keys().filter((key) => key !== 'is')
  return {
    words: wordsOf(part.at('is')),
    details: Object.fromEntries(details.map((name) => [name, readDetail(part.at(name), name)])),
  }
}

const wordsOf = (part: Part): string[] => part.text().trim().split(/\s+/)

function readDetail(part: Part, name: string): string {
  if (part.isList) return part.list((item) => item.text()).join(' ') || 'none'
  const value = part.isText ? part.text() : String(part.truth())
  if (name !== 'since' && name !== 'until') return value
  const moment = parseMoment(value)
  if (moment !== undefined) return shownMoment(moment)
  return value === 'none' ? value : part.fail('must be a time such as 2024-07-02 09:00, or none')
}

/** With or without the moment in front of it; that one in its shortest form. */
function readTransition(part: Part): string {
  const text = part.text().trim().replace(/\s+/g, ' ')
  const { moment, rest } = splitMoment(text)
  return moment === undefined ? rest : `${shownMoment(moment)} ${rest}`
}

const momentPattern = /^(\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)?) (.+)$/

/** `2024-07-02 09:00 vacancy U1 green>yellow`. */
export function splitMoment(text: string): { moment: ReturnType<typeof parseMoment>; rest: string } {
  const [, written, rest = ''] = momentPattern.exec(text) ?? []
  const moment = written === undefined ? undefined : parseMoment(written)
  return moment === undefined ? { moment: undefined, rest: text } : { moment, rest }
}
