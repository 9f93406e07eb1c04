/** Takes the place of the process that tries a rule set: it says nothing, or ends at once, as the file's text says. */
import type { Question } from '../../../src/node/preview/words.js'

process.once('disconnect', () => process.exit(1))
process.once('message', ({ text }: Question) => {
  if (text === 'die') process.exit(7)
  if (text === 'trimmed') process.send?.({ kind: 'refused', code: 'QW_LOG_TRIMMED', detail: { first: 9 } })
  if (text === 'told') process.send?.({ kind: 'told', told: { n: 3 } })
})
