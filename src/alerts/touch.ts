/**
 * What an entry touched, as bits: an event evaluates only the rules whose facts it may have changed.
 */
export const touch = {
  /** The unit's attributes, or whether it stands. */
  profile: 1,
  quota: 2,
  heads: 4,
  contract: 8,
  loans: 16,
  /** Posts filled while the unit was frozen. */
  frozenUse: 32,
  task: 64,
} as const

/** Everything a unit's own rules can read. */
export const touchAll = 127
