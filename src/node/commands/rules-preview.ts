/**
 * `quotawatch rules preview FILE`: asks the running service what a rule file would change now, and shows it.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { QwError } from '../../core/errors.js'
import { hostOf } from '../messages.js'
import type { Told } from '../preview/told.js'
import { configOf, type OptionValues, type Terminal, UsageError } from './command.js'

const refused = 1
/** As with a wrong command line, nothing was found out. */
const badFile = 2

/** Exit code: 0 told, 1 the service refused, 2 the file cannot be used. @throws QwError QW_SERVICE_AWAY */
export async function previewFile(file: string, values: OptionValues, terminal: Terminal): Promise<number> {
  const text = await readFile(resolve(terminal.directory, file), 'utf8').catch((error: Error) => error)
  if (typeof text !== 'string') {
    terminal.err(`${file}: ${text.message}`)
    return badFile
  }
  const { status, body } = await ask(addressOf(values, terminal), text)
  if (status === 200) {
    const lines = values['json'] === true ? [JSON.stringify(body)] : linesOf(file, body as Told)
    for (const line of lines) await terminal.out(line)
    return 0
  }
  const { code, detail } = body as { readonly code?: string; readonly detail?: string }
  // The service knows the file as "the body"; editors jump to the name that they know.
  terminal.err(code === 'QW_RULES_INVALID' ? String(detail).replace(/^the body/, file) : `${code} ${detail}`)
  return code === 'QW_RULES_INVALID' ? badFile : refused
}

function addressOf(values: OptionValues, terminal: Terminal): string {
  const { address } = values
  if (address === undefined) {
    const { httpHost, httpPort } = configOf(values, terminal).config
    return `http://${hostOf(httpHost)}:${httpPort}`
  }
  if (!URL.canParse(String(address)) || !/^https?:\/\//.test(String(address)))
    throw new UsageError('--address must be a URL that begins with http:// or https://')
  return String(address).replace(/\/+$/, '')
}

async function ask(address: string, text: string): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const answer = await fetch(`${address}/v1/rules/preview?limit=1000`, {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: text,
    })
    return { status: answer.status, body: await answer.json() }
  } catch (error) {
    const { message, cause } = error as Error
    throw new QwError('QW_SERVICE_AWAY', { address, reason: cause instanceof Error ? cause.message : message })
  }
}

function linesOf(file: string, told: Told): string[] {
  const { from, to, rules, sentence, n, at } = told
  const changed = rules.changed.map(({ id, parts }) => `${id} (${parts.join(', ')})`)
  const named = (
    [
      ['added', rules.added],
      ['removed', rules.removed],
      ['changed', changed],
      ['set', rules.set],
    ] as const
  ).filter(([, items]) => items.length > 0)
  return [
    `${file}: ${from.name}@${from.version} → ${to.name}@${to.version}, after transition ${n}, ${at}`,
    sentence.zh,
    sentence.en,
    ...named.map(([name, items]) => `  ${name.padEnd(9)}${items.join(', ')}`),
    ...[told.freezes, told.alerts, told.proposals, told.others].flatMap(({ total, items }) => [
      ...(items as readonly Item[]).map(itemLine),
      ...(total > items.length ? [`  … and ${total - items.length} more`] : []),
    ]),
  ]
}

type Item = Readonly<Record<'kind' | 'subject' | 'from' | 'to', string>> & { readonly rule?: string }

const itemLine = ({ kind, subject, rule, from, to }: Item): string =>
  `  ${kind.padEnd(9)}${subject}${rule === undefined ? '' : ` ${rule}`} ${from} → ${to}`
