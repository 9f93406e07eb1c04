/**
 * `quotawatch token`: a token for a client of the stream, signed with the key of the data directory.
 */
import { type County, counties, idPattern } from '../../core/names.js'
import { type Claims, type Role, roles, signToken } from '../../stream/token.js'
import { openTokenKey } from '../token-key.js'
import { type Command, configOf, configOptions, type OptionValues, UsageError } from './command.js'

export const token: Command = {
  name: 'token',
  usage: `--role ${roles.join('|')} [--county CODE] [--unit ID] [--ttl 30d]`,
  about: 'prints a token for a client of the stream',
  takesWords: false,
  options: {
    ...configOptions,
    role: { type: 'string' },
    county: { type: 'string' },
    unit: { type: 'string' },
    ttl: { type: 'string' },
  },
  async run(_words, values, terminal) {
    const claims = claimsOf(values)
    const ttlSeconds = secondsOf(values['ttl'] ?? '30d')
    const { config } = configOf(values, terminal)
    await terminal.out(await signToken(await openTokenKey(config.tokenSecretFile), claims, ttlSeconds))
    return 0
  },
}

function claimsOf({ role, county, unit }: OptionValues): Claims {
  if (!roles.includes(role as Role)) throw new UsageError(`--role must be one of ${roles.join(', ')}`)
  if (county !== undefined && !counties.includes(county as County))
    throw new UsageError(`--county must be one of ${counties.join(', ')}`)
  if (unit !== undefined && !new RegExp(idPattern).test(String(unit)))
    throw new UsageError('--unit must be the id of a unit')
  if (role === 'officer' && county === undefined && unit === undefined)
    throw new UsageError('an officer needs --unit or --county')
  return {
    role: role as Role,
    ...(county === undefined ? {} : { county: county as County }),
    ...(unit === undefined ? {} : { unit: String(unit) }),
  }
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `90s`, `15m`, `12h`, `30d`; at most ten years, because a token cannot be taken back. */
function secondsOf(text: unknown): number {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(String(text))
  const seconds = Number(match?.[1]) * (unitSeconds[match?.[2] ?? ''] ?? Number.NaN)
  if (!(seconds <= 3650 * 86_400))
    throw new UsageError('--ttl must be a time such as 90s, 15m, 12h or 30d, at most 3650d')
  return seconds
}
