/**
 * Who counts as staff on quota (domain 1): a named, versioned definition, because the departments disagree on it.
 */
import type { Basis } from './names.js'

export interface CountingPolicy {
  readonly name: string
  /** Another list of bases under the same name is another version. */
  readonly version: number
  /** The bases that are added up into `filled`. */
  readonly bases: readonly Basis[]
}

/** The two definitions that the departments argue about; `home` is the default. */
export const knownPolicies: Readonly<Record<'home' | 'desk', readonly Basis[]>> = {
  home: ['permanent', 'seconded_out', 'posted_out'],
  desk: ['permanent', 'seconded_in', 'posted_in'],
}

/** Of both. */
export const knownVersion = 1

export const firstPolicy: CountingPolicy = { name: 'home', version: knownVersion, bases: knownPolicies.home }

/** How a policy is named wherever a figure is shown: `home@1`. */
export const policyNameOf = ({ name, version }: CountingPolicy): string => `${name}@${version}`
