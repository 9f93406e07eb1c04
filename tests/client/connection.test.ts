/**
 * One connection on a clock that the test moves: how long it waits for its welcome.
 */
import t from 'tap'
import { Connection, type Ending } from '../../client/connection.js'
import { welcome } from './scripted-server.js'
import { VirtualClock } from './virtual-clock.js'

type Listener = (event: never) => void

/** The service's end of a socket that is always open. */
class Wire {
  readonly readyState = 1
  readonly listeners = new Map<string, Listener>()
  send(): void {}
  close(): void {}
  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, listener)
  }
}

function fixture() {
  const clock = new VirtualClock()
  const endings: Ending[] = []
  const greeted: string[] = []
  let wire: Wire | undefined
  const settings = {
    WebSocket: class extends Wire {
      constructor(_address: string) {
        super()
        wire = this
      }
    },
    clock,
    token: undefined,
    locale: undefined,
    welcomeWaitMs: 1000,
    heartbeatsMissedMax: 2,
    frameLengthMax: 1000,
  }
  const events = {
    onGreeted: () => undefined,
    onWelcome: ({ epoch }: { epoch: string }) => greeted.push(epoch),
    onFrame: () => undefined,
    onEnd: (ending: Ending) => endings.push(ending),
  }
  const connection = new Connection('ws://x/', settings, events)
  const say = (frame: object) => wire?.listeners.get('message')?.({ data: JSON.stringify(frame) } as never)
  return { clock, endings, greeted, connection, say }
}

t.test('without a word the welcome is waited for so long and no longer', async (t) => {
  const { clock, endings } = fixture()
  clock.pass(999)
  t.same(endings, [])
  clock.pass(1)
  t.same(endings, [{ kind: 'given-up', why: 'no welcome came' }])
})

t.test('a client that was told to wait keeps its place as long as that, and a little longer', async (t) => {
  const { clock, endings, greeted, connection, say } = fixture()
  clock.pass(900)
  say({ type: 'wait', afterMs: 5000 })
  clock.pass(5999)
  t.same(endings, [])
  say(welcome)
  t.same(greeted, ['history-1'])
  t.ok(connection.ready)
  clock.pass(6000)
  t.same(endings, [], 'the wait is over with the welcome')
})

t.test('a wait that does not end is given up, and one without measure is not believed', async (t) => {
  const { clock, endings, say } = fixture()
  say({ type: 'wait', afterMs: 5000 })
  clock.pass(6000)
  t.match(endings, [{ kind: 'given-up' }])
  const other = fixture()
  other.say({ type: 'wait', afterMs: Number.MAX_SAFE_INTEGER })
  other.clock.pass(121_000)
  t.match(other.endings, [{ kind: 'given-up' }])
})

t.test('before the welcome a frame from the future is passed over, one of the protocol is not', async (t) => {
  const { endings, greeted, say } = fixture()
  say({ type: 'hologram' })
  say(welcome)
  t.same([endings, greeted], [[], ['history-1']])
  say({ type: 'wait', afterMs: 1 })
  t.match(endings, [{ kind: 'given-up', why: /is welcome/ }])
  const other = fixture()
  other.say({ type: 'fresh' })
  t.match(other.endings, [{ kind: 'given-up', why: /before welcome/ }])
})
