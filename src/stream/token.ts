/**
 * Who a client is, and what it may hear: tokens (JWT, HS256) and the grants that follow from them.
 *
 * A token travels in `hello`, never in an address. The push process checks it alone, without asking anybody, so that
 * 20,000 clients can come back at once while the core is away.
 */
import { jwtVerify, SignJWT } from 'jose'
import { QwError } from '../core/errors.js'
import { type County, counties } from '../core/names.js'
import type { TopicName } from './topics.js'

export const roles = ['wall', 'trigger', 'viewer', 'officer'] as const
/** Wall display, freeze trigger, anybody who watches, a unit's or county's officer. */
export type Role = (typeof roles)[number]

export interface Claims {
  readonly role: Role
  /** Topics without filter that the bearer may hear, beside those of `county` and `unit`. */
  readonly topics?: readonly string[]
  /** Limits the bearer to `county/<code>`. */
  readonly county?: County
  /** Limits the bearer to `unit/<id>`. */
  readonly unit?: string
}

export interface Grant extends Claims {
  /** When the token ends; Infinity for a client without one. */
  readonly untilMs: number
}

const secretBytesMin = 32

/** The secret as a key. HS256 wants at least as many bytes as its hash has (RFC 7518, 3.2). */
function keyOf(secret: string): Uint8Array {
  const key = new TextEncoder().encode(secret)
  if (key.length < secretBytesMin)
    throw new QwError('QW_OPTION_INVALID', {
      option: 'tokenSecret',
      value: `of ${key.length} bytes`,
      must: `must have at least ${secretBytesMin} bytes`,
    })
  return key
}

/** A token for `claims` that ends `ttlSeconds` from now. */
export const signToken = (secret: string, claims: Claims, ttlSeconds: number): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + ttlSeconds)
    .sign(keyOf(secret))

/** The grant of a token that we signed and that has not ended; QW_TOKEN_INVALID for any other. */
export async function verifyToken(secret: string, token: string): Promise<Grant> {
  const key = keyOf(secret)
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], requiredClaims: ['exp'] })
    return { ...claimsOf(payload), untilMs: (payload.exp ?? 0) * 1000 }
  } catch {
    // Why a token was refused helps nobody but its forger.
    throw new QwError('QW_TOKEN_INVALID')
  }
}

function claimsOf(payload: Readonly<Record<string, unknown>>): Claims {
  const { role, topics, county, unit } = payload
  if (!roles.includes(role as Role)) throw new TypeError('role')
  if (topics !== undefined && !(Array.isArray(topics) && topics.every((topic) => typeof topic === 'string')))
    throw new TypeError('topics')
  if (county !== undefined && !counties.includes(county as County)) throw new TypeError('county')
  if (unit !== undefined && typeof unit !== 'string') throw new TypeError('unit')
  return {
    role: role as Role,
    ...(topics !== undefined && { topics: topics as readonly string[] }),
    ...(county !== undefined && { county: county as County }),
    ...(unit !== undefined && { unit }),
  }
}

/** Why the bearer may not hear the topic; undefined when it may. */
export function refusal(grant: Grant, { base }: TopicName): string | undefined {
  if (base === 'all' && grant.role !== 'wall') return 'the topic all is for walls'
  const scope = [
    ...(grant.topics ?? []),
    ...(grant.county ? [`county/${grant.county}`] : []),
    ...(grant.unit ? [`unit/${grant.unit}`] : []),
  ]
  if (scope.length === 0 && grant.topics === undefined)
    return grant.role === 'officer' ? 'an officer needs a unit or a county in the token' : undefined
  return scope.includes(base) ? undefined : `the token is for ${scope.join(', ') || 'no topic'}`
}
