/**
 * What is proposed to a person, and what became of it (domain 4, "propose"): the oracle's word. One newest proposal of each
 * rule about a subject.
 */
import type { Decision } from '../../../src/core/order.js'
import type { Rule, RuleProposal, RuleSet } from '../../../src/core/rule-set.js'
import type { Seen } from './oracle-levels.js'

interface Proposal {
  readonly id: string
  readonly rule: string
  readonly subject: string
  readonly count: number
  readonly kind: string
  readonly ratio: string | undefined
  /** The year that it is about, where it is about one. */
  readonly year: string | undefined
  readonly posts: string
  state: 'open' | Decision
  /** Its reason has not gone since. */
  holds: boolean
}

/** What a rule sees of its subject. */
export interface About {
  readonly isRed: boolean
  readonly seen: Seen
  /** The latest closed year, for what is proposed once a year. */
  readonly year: string | undefined
  readonly approved: number | undefined
  /** What can be denied: a request. */
  readonly isRequest: boolean
}

export class Proposals {
  readonly #newest = new Map<string, Proposal>()
  /** What people decided for a year. */
  readonly #decided = new Set<string>()

  get shown(): Map<string, string> {
    return new Map(
      [...this.#newest.values()].map(({ id, state, kind, ratio = '', posts }) => [
        `proposal ${id}`,
        `${state} ${kind} ${ratio} ${posts}`,
      ]),
    )
  }

  /** After the rule was judged on the subject. */
  settle({ id, proposals = [] }: Rule, subject: string, about: About): void {
    const wanted = proposals.find((proposal) => isDue(proposal, about))
    this.propose(id, subject, wanted, wanted?.per === undefined ? undefined : about.year, about.approved)
  }

  propose(rule: string, subject: string, wanted: RuleProposal | undefined, year?: string, approved?: number): void {
    const key = `${rule} ${subject}`
    const held = this.#newest.get(key)
    const isSame = held?.kind === wanted?.kind && held?.ratio === wanted?.ratio && held?.year === year
    if (held?.holds && wanted && isSame) return
    if (held?.holds) {
      held.holds = false
      if (held.state === 'open') held.state = 'withdrawn'
    }
    if (!wanted || this.#decided.has(matterOf(rule, subject, { kind: wanted.kind, ratio: wanted.ratio, year }))) return
    const count = (held?.count ?? 0) + 1
    const { kind, ratio } = wanted
    const posts =
      kind === 'quota' && approved !== undefined ? `${approved} to ${approved + share(approved, ratio)}` : ''
    const id = `${rule}:${subject}:${count}`
    this.#newest.set(key, { id, rule, subject, count, kind, ratio, year, posts, state: 'open', holds: true })
  }

  decide(id: string, subject: string, decision: Decision): void {
    for (const proposal of this.#newest.values())
      if (proposal.id === id && proposal.subject === subject && proposal.state === 'open') {
        proposal.state = decision
        if (proposal.year !== undefined) this.#decided.add(matterOf(proposal.rule, subject, proposal))
      }
  }

  /** Whatever is not wanted any more; `is` says of which. */
  withdraw(is: (rule: string, subject: string) => boolean): void {
    for (const { rule, subject } of [...this.#newest.values()])
      if (is(rule, subject)) this.propose(rule, subject, undefined)
  }

  /** Rules that are gone, or propose nothing, propose nothing. */
  keepOnly({ rules }: RuleSet): void {
    const proposing = new Set(rules.filter(({ proposals = [] }) => proposals.length > 0).map(({ id }) => id))
    this.withdraw((rule) => !proposing.has(rule))
  }
}

/** A cut and a reward are two matters. */
const matterOf = (rule: string, subject: string, { kind, ratio, year }: Pick<Proposal, 'kind' | 'ratio' | 'year'>) =>
  [rule, subject, year, kind, Number(ratio ?? 0) < 0].join(' ')

function isDue({ kind, when }: RuleProposal, { isRed, seen, isRequest }: About): boolean {
  if (kind === 'deny' && !isRequest) return false
  if (when === undefined) return isRed
  if (when !== 'grade == 0') throw new Error(`the oracle knows no proposal when ${when}`)
  return typeof seen === 'object' && seen.top === 0
}

/** Whole posts, half a post away from zero; the shipped shares are tenths. */
function share(posts: number, ratio = '0'): number {
  const tenths = Number(ratio) * 10
  return Math.sign(tenths) * Math.floor((posts * Math.abs(tenths) + 5) / 10)
}
