/**
 * Clients of the stream: the real client, which resumes by itself. Each remembers what it was shown.
 */
import { connect, type Stream, type Transition } from '../../client/stream.js'
import type { Machine } from './machine.js'
import type { Network } from './network.js'

export class Viewer {
  /** Since the last snapshot, and the number that that was true after. */
  shown: Transition[] = []
  begins = 0
  snapshots = 0
  /** Everything that was ever shown. */
  readonly ever: Transition[] = []
  readonly topic: string
  readonly stream: Stream

  constructor(machine: Machine, network: Network, topic: string) {
    this.topic = topic
    this.stream = connect({
      url: 'ws://simulated:1/v1/stream',
      WebSocket: network.WebSocket as never,
      reconnectMsMin: 10,
      reconnectMsMax: 200,
      random: () => machine.random.whole(0, 999) / 1000,
    })
    this.stream.subscribe(topic, {
      onSnapshot: (_items, n) => {
        this.snapshots += 1
        this.begins = n
        this.shown = []
      },
      onTransition: (transition) => {
        this.shown.push(transition)
        this.ever.push(transition)
      },
    })
  }

  get n(): number {
    return this.shown.at(-1)?.n ?? this.begins
  }
}
