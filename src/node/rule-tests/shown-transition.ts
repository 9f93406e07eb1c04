/**
 * A transition in one line: `vacancy U1 green>yellow`, `freeze U1 none>frozen 1 [over-quota]`.
 */
import type { Verdict } from '../../core/transition.js'

export function shownTransition(transition: Verdict): string {
  const marks = [
    transition.correction ? ' correction' : '',
    transition.kind === 'alert' && transition.silenced ? ' silenced' : '',
  ]
  return `${lineOf(transition)}${marks.join('')}`
}

function lineOf(transition: Verdict): string {
  const { kind, subject, from, to } = transition
  switch (kind) {
    case 'alert':
      return `${transition.rule} ${subject} ${from}>${to}`
    case 'freeze':
      return `freeze ${subject} ${from}>${to} ${transition.sequence} [${transition.reasons.join(' ')}]`
    case 'request':
      return `request ${subject} ${from}>${to}`
    default:
      return `${kind} ${transition.rule} ${subject} ${from}>${to}`
  }
}
