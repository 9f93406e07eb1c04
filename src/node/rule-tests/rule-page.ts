/**
 * The tables of docs/rules.md: the facts that the engine has, and the rules that ship.
 *
 * They stand between marks in a page that people write; scripts/write-docs.mjs puts them there, and a test compares.
 */
import { describedFacts } from '../../alerts/rules.js'
import {
  type Level,
  type Rule,
  type RuleLevels,
  type RuleScope,
  type RuleSet,
  ruleScopes,
} from '../../core/rule-set.js'

/** The page with its tables made anew. */
export function rulePage(page: string, set: RuleSet): string {
  return between(between(page, 'facts', factTables()), 'shipped rules', ruleTable(set))
}

function between(page: string, name: string, content: string): string {
  const [from, to] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [start, end] = [page.indexOf(from), page.indexOf(to)]
  if (start < 0 || end < start) throw new Error(`the page has no marks ${from} and ${to}`)
  return `${page.slice(0, start + from.length)}\n${content}\n${page.slice(end)}`
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
// A bar would end the cell.
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ')

const factTables = (): string => ruleScopes.map(factTable).join('\n\n')

function factTable(scope: RuleScope): string {
  const facts = describedFacts(scope).map(({ name, type, unit, meaning, canBeMissing }) =>
    row([`\`${name}\``, type, unit, meaning, canBeMissing ? 'yes' : '']),
  )
  return [
    `#### \`${scope}\``,
    '',
    row(['fact', 'type', 'unit', 'meaning', 'may be missing']),
    '|---|---|---|---|---|',
    ...facts,
  ].join('\n')
}

function ruleTable({ rules }: RuleSet): string {
  const heads = ['rule', 'scope', 'yellow', 'red', 'does', 'plan', 'assumed (the plan gives no number)']
  return [row(heads), '|---|---|---|---|---|---|---|', ...rules.map(ruleRow)].join('\n')
}

const ruleRow = (rule: Rule): string =>
  row([
    `\`${rule.id}\` ${rule.title.zh}`,
    rule.scopes.join(', '),
    levelText(rule, 'yellow'),
    levelText(rule, 'red'),
    [...rule.actions, ...proposalsOf(rule)].join(', '),
    rule.plan,
    assumedIn(rule).join(', '),
  ])

function levelText(rule: Rule, name: 'yellow' | 'red'): string {
  const isRatio = rule.figure.denominator !== undefined
  const ofRule = shownLevel(rule[name], isRatio)
  const others = Object.entries(rule.levelsOf ?? {})
    .filter(([, levels]) => shownLevel(levels[name], isRatio) !== ofRule)
    .map(([scope, levels]) => `; ${scope}: ${shownLevel(levels[name], isRatio)}`)
  return cell(`${ofRule}${others.join('')}`)
}

function shownLevel(level: Level | undefined, isRatio: boolean): string {
  if (!level) return '–'
  const [sign, threshold] = 'above' in level ? ['>', level.above] : ['<', level.below]
  const numbers =
    typeof threshold === 'string'
      ? threshold
      : Object.entries(threshold)
          .map(([year, number]) => `${number} from ${year}`)
          .join(', ')
  const back = Number(level.back ?? 0) > 0 ? `, ${isRatio ? backOfRatio(level) : `back ${level.back}`}` : ''
  return `${sign} ${numbers}${back}${level.or === undefined ? '' : `; or \`${level.or}\``}`
}

/** A way back never lies beyond 0 % or 100 %: where it would, the whole is where the level is left. */
function backOfRatio(level: Level): string {
  const back = Number(level.back)
  const isCapped = (text: string): boolean => {
    const at = Number(text)
    return 'above' in level ? at >= 0 && at - back < 0 : at <= 1 && at + back > 1
  }
  const threshold = 'above' in level ? level.above : level.below
  const texts = typeof threshold === 'string' ? [threshold] : Object.values(threshold)
  return texts.every(isCapped) ? `left at ${'above' in level ? 0 : 1}` : `back ${level.back}`
}

const proposalsOf = ({ proposals = [] }: Rule): string[] =>
  proposals.map(({ kind, ratio, when }) =>
    cell(`proposes ${kind}${ratio === undefined ? '' : ` ${ratio}`}${when === undefined ? '' : ` when \`${when}\``}`),
  )

/** Which of its numbers are ours; `the rule` when all of it is. */
export function assumedIn(rule: Rule): string[] {
  const { assumed, levelsOf = {}, proposals = [], escalation } = rule
  if (assumed) return ['the rule']
  return [
    ...assumedLevels(rule),
    ...Object.entries(levelsOf).flatMap(([scope, levels]) =>
      assumedLevels(levels).map((name) => `${name} of ${scope}`),
    ),
    ...proposals
      .filter((proposal) => proposal.assumed)
      .map(({ kind, ratio = '' }) => `proposal ${kind} ${ratio}`.trim()),
    ...(escalation?.assumed ? ['escalation'] : []),
  ]
}

const assumedLevels = ({ yellow, red }: RuleLevels): string[] => [
  ...(yellow?.assumed ? ['yellow'] : []),
  ...(red?.assumed ? ['red'] : []),
]
