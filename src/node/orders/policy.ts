/**
 * The counting policy that an order means: a known one by its name, or one that is written out.
 */
import { QwError } from '../../core/errors.js'
import { type CountingPolicy, knownPolicies, knownVersion, policyNameOf } from '../../core/policy.js'
import type { ReadQuery } from '../../workers/judge.js'

const known: readonly CountingPolicy[] = Object.entries(knownPolicies).map(([name, bases]) => ({
  name,
  version: knownVersion,
  bases,
}))

/** @throws QwError for a name that nobody knows, and for a name and version that stand for other bases */
export async function policyOf(
  asked: string | CountingPolicy,
  read: (query: ReadQuery) => Promise<unknown>,
): Promise<CountingPolicy> {
  if (typeof asked === 'string') {
    const found = known.find(({ name }) => name === asked)
    if (!found) throw new QwError('QW_POLICY_UNKNOWN', { policy: asked, known: names, field: '/policy' })
    return found
  }
  const { policy } = (await read({ kind: 'standing' })) as { readonly policy: CountingPolicy }
  const same = [...known, policy].find((other) => policyNameOf(other) === policyNameOf(asked))
  if (same && !haveSameBases(same, asked))
    throw new QwError('QW_POLICY_VERSION_USED', { policy: policyNameOf(asked), field: '/policy' })
  return asked
}

const names = known.map(({ name }) => name).join(', ')

const haveSameBases = (a: CountingPolicy, b: CountingPolicy): boolean =>
  [...a.bases].sort().join() === [...b.bases].sort().join()
