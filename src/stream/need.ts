/**
 * What a push process may ask the core for. The same question has the same key, on both sides.
 */
import type { N } from '../core/names.js'

export type Need =
  /** `topic` with its filter. */
  | { readonly kind: 'snapshot'; readonly topic: string }
  /** `topic` without a filter: the push process keeps of it what passes. */
  | { readonly kind: 'catchUp'; readonly topic: string; readonly since: N }

export const keyOf = (need: Need): string =>
  need.kind === 'snapshot' ? `snapshot ${need.topic}` : `${need.since} ${need.topic}`
