/**
 * What a service says about itself: its parts, its figures, and the alerts of rule `self`.
 */
import { ask, askMsMax, type Service, until } from './service.js'

interface Part {
  readonly name: string
  readonly state: string
  readonly ready: boolean
}

interface Readiness {
  readonly ready: boolean
  readonly parts: readonly Part[]
}

export const readiness = async ({ http }: Service): Promise<Readiness | undefined> =>
  (await ask(`${http}/readyz`).catch(() => undefined))?.body as Readiness | undefined

export const partOf = async (of: Service, name: string): Promise<Part | undefined> =>
  (await readiness(of))?.parts.find((part) => part.name === name)

/** Until the part says so, and that it does not serve. */
export async function stateOf(of: Service, name: string, words: RegExp): Promise<void> {
  await until(
    () => partOf(of, name),
    (part) => part?.ready === false && words.test(part.state),
  )
}

/** Until all parts are well. */
export async function ready(of: Service): Promise<void> {
  await until(
    async () => (await readiness(of))?.ready,
    (is) => is === true,
  )
}

/** NaN while nobody answers. */
export async function figure({ http }: Service, name: string): Promise<number> {
  const text = await fetch(`${http}/metrics`, { signal: AbortSignal.timeout(askMsMax) }).then(
    (answer) => answer.text(),
    () => '',
  )
  const line = text.split('\n').find((each) => each.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1))
}

/** Until the alerts of rule `self` are these, as `subject colour`. */
export async function alertsOfItself({ http }: Service, wanted: readonly string[]): Promise<void> {
  await until(
    async () => {
      const { body } = await ask(`${http}/v1/alerts?rule=self`)
      const { items } = body as { items: { subject: string; colour: string }[] }
      return items.map(({ subject, colour }) => `${subject} ${colour}`)
    },
    (alerts) => JSON.stringify(alerts) === JSON.stringify(wanted),
  )
}
