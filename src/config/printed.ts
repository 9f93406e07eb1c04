/**
 * The options for people: as the table of `quotawatch config`, as JSON for programs, and as docs/configuration.md.
 *
 * No option holds a secret, only the path of one, so all of it can be shown.
 */
import type { LoadedConfig } from './config.js'
import type { Option } from './option-kinds.js'
import { environmentName, type OptionName, optionNames, options } from './options.js'

/** One line per option: name, value, unit, range, source. */
export function configAsTable({ config, sources, file }: LoadedConfig): string {
  const rows = optionNames.map((name) => [
    name,
    String(config[name]),
    unitOf(name),
    rangeOf(options[name]),
    sources[name],
  ])
  const table = aligned([['option', 'value', 'unit', 'range', 'source'], ...rows])
  return `file: ${file ?? '(none)'}\n\n${table}`
}

export function configAsJson({ config, sources, file }: LoadedConfig): string {
  const rows = optionNames.map((name) => [
    name,
    { value: config[name], unit: unitOf(name), range: rangeOf(options[name]), source: sources[name] },
  ])
  return JSON.stringify({ file: file ?? null, options: Object.fromEntries(rows) }, undefined, 2)
}

/** The whole of docs/configuration.md; a test keeps the file equal to it. */
export function configurationPage(): string {
  const rows = optionNames.map((name) => {
    const option: Option = options[name]
    const byDefault = option.default === '' ? '' : `\`${option.default}\``
    return `| \`${name}\` | ${unitOf(name)} | ${byDefault} | ${rangeOf(option)} | ${option.about} |`
  })
  return `${introduction}${rows.join('\n')}\n`
}

const introduction = `# Configuration

Made from \`src/config/options.ts\` by \`node scripts/write-docs.mjs\`.

Three sources; a later one wins: a file of YAML or JSON (\`--config FILE\`, else the one that \`QUOTAWATCH_CONFIG\` names, else
\`quotawatch.yaml\` in the working directory when there is one), the environment (\`${environmentName('httpPort')}\` for
\`httpPort\`), arguments (\`--set httpPort=9600\`). All of it is validated before anything is started; an unknown option is
refused. \`quotawatch config\` prints every value and where it came from. Relative paths start from the working directory.

| option | unit | default | range | what it does |
|---|---|---|---|---|
`

/** What a number counts; empty for what is no number. */
function unitOf(name: OptionName): string {
  const option: Option = options[name]
  if (option.type === 'ratio') return 'share'
  return option.type === 'whole' ? option.unit : ''
}

function rangeOf(option: Option): string {
  switch (option.type) {
    case 'whole':
      return `${option.min} … ${option.max}`
    case 'ratio':
      return '0 … 1'
    case 'choice':
      return option.choices.join(', ')
    case 'path':
      return 'a path'
    case 'host':
      return 'an address or a host name'
    case 'time':
      return 'a time with offset'
    case 'url':
      return 'http or https, host and port'
    case 'name':
      return 'a name'
  }
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
