/**
 * How much a rule set would change, in figures.
 */
import type { Transition } from '../../core/transition.js'

export interface Counts {
  /** From green. */
  readonly alertsRaised: number
  /** To red, from green or yellow. */
  readonly alertsRed: number
  readonly alertsWorse: number
  readonly alertsEased: number
  readonly alertsCleared: number
  readonly unitsFrozen: number
  readonly unitsReleased: number
  readonly proposalsOpened: number
  readonly proposalsWithdrawn: number
  readonly escalations: number
}

export function countsOf(transitions: readonly Transition[]): Counts {
  const count = (accepts: (transition: Transition) => boolean) => transitions.filter(accepts).length
  const alerts = (accepts: (from: string, to: string) => boolean) =>
    count(({ kind, from, to }) => kind === 'alert' && accepts(from, to))
  const freezes = (accepts: (from: string, to: string) => boolean) =>
    count(({ kind, from, to }) => kind === 'freeze' && accepts(from, to))
  const proposals = (accepts: (from: string, to: string) => boolean) =>
    count(({ kind, from, to }) => kind === 'proposal' && accepts(from, to))
  return {
    alertsRaised: alerts((from) => from === 'green'),
    alertsRed: alerts((_, to) => to === 'red'),
    alertsWorse: alerts((from, to) => from === 'yellow' && to === 'red'),
    alertsEased: alerts((from, to) => from === 'red' && to === 'yellow'),
    alertsCleared: alerts((_, to) => to === 'green'),
    unitsFrozen: freezes((from, to) => from !== 'frozen' && to === 'frozen'),
    unitsReleased: freezes((from, to) => from === 'frozen' && to !== 'frozen'),
    proposalsOpened: proposals((_, to) => to === 'open'),
    proposalsWithdrawn: proposals((from, to) => from === 'open' && to !== 'open'),
    escalations: count(({ kind }) => kind === 'escalation'),
  }
}
