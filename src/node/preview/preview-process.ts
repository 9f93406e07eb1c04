/**
 * The process that tries one rule set and ends. Of its own, because it holds the whole engine once more and may be large,
 * slow or killed without anything that judges noticing; previews.ts starts it.
 */
import { QwError } from '../../core/errors.js'
import { tryRules } from './try-rules.js'
import type { Answer, Question } from './words.js'

// The core is gone, or wants to hear no more.
process.once('disconnect', () => process.exit(1))
// Ctrl-C reaches the whole terminal group; the core ends us by letting go.
process.on('SIGINT', () => undefined)

process.once('message', (question: Question) => {
  void answerTo(question).then((answer) => process.send?.(answer, () => process.exit(0)))
})

/** What is no refusal is a defect: it ends the process, and the core says so. */
async function answerTo(question: Question): Promise<Answer> {
  try {
    return { kind: 'told', told: await tryRules(question) }
  } catch (error) {
    if (error instanceof QwError) return { kind: 'refused', code: error.code, detail: error.detail }
    console.error(error)
    process.exit(1)
  }
}
