/**
 * What a shard tells the fold of requests to the pool.
 */
import type { LogPosition } from '../core/names.js'
import { Request } from './request.js'
import type { ShardState } from './shard-state.js'
import type { Unit } from './unit.js'

/** The fold hears of every request to the pool: only it knows what is left. */
export function tellOfRequest(state: ShardState, unit: Unit, request: Request, position: LogPosition): void {
  const { submitted, isSettled } = request
  const count = submitted?.what === 'pool' && !isSettled && unit.stands ? submitted.count : 0
  const { county, sector } = unit.where
  state.requests.push({
    unit: unit.id,
    requestId: request.id,
    ...(county ? { county } : {}),
    ...(sector ? { sector } : {}),
    count,
    position,
  })
}

/** The unit stands elsewhere than before, or no more, or again. */
export function tellOfRequests(state: ShardState, unit: Unit, position: LogPosition): void {
  unit.eachMatter((matter) => {
    if (matter instanceof Request) tellOfRequest(state, unit, matter, position)
  })
}
