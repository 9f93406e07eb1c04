/**
 * What runs inside a shard's thread: one shard, and no logic of its own. There are no timers in a thread: Piscina parks
 * it.
 */
import { type ShardAnswer, type ShardCall, ShardHost } from './shard-host.js'

const host = new ShardHost()

export default (call: ShardCall): ShardAnswer => host.answer(call)
