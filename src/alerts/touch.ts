/**
 * What an entry touched, as bits: an event evaluates only the rules whose facts it may have changed.
 */
export const touch = {
  /** The subject's attributes, or whether it stands. */
  profile: 1,
  quota: 2,
  heads: 4,
  contract: 8,
  loans: 16,
  /** Posts filled while the unit was frozen. */
  frozenUse: 32,
  /** Facts of a task, loan, request, case, report, rectification, account or source: all its rules are few. */
  own: 64,
  /** The unit went over its quota, or came back. */
  over: 128,
  /** A head count went below zero, or came back. */
  negative: 256,
  assessed: 512,
  /** Another calendar year: what is counted by year, and thresholds. */
  year: 1024,
  /** Another day. */
  day: 2048,
  /** An indicator, a county's land, or what was heard of units. */
  reported: 4096,
  /** The city's mean of a half-year: only the fold knows it, so a unit is compared with it when the fold has spoken. */
  mean: 8192,
} as const

/** Everything a unit's own rules can read. */
export const touchAll = 16_383
