/**
 * The slow bench: the e2e load on those who read, while others stop reading for the rest of the run.
 *
 * The others watch a whole county each, so that the service soon owes them more than it will hold for them. When the
 * measured time is over they read again, find out that they were cut off, and must be resumed exactly.
 */
import type { Flags, Values } from './arguments.js'
import type { Cleanup } from './cleanup.js'
import { runWith } from './e2e.js'
import { e2eFlags } from './e2e-settings.js'
import type { Incident } from './incident.js'

const { killPushAt: _, ...flags } = e2eFlags

export const slowFlags = {
  ...flags,
  clients: { ...flags.clients, default: 19_000, about: 'clients that read' },
  seconds: { ...flags.seconds, default: 60 },
  drainSeconds: { ...flags.drainSeconds, default: 60, about: 'wait for the last clients and frames at most so long' },
  stalled: { default: 1_000, min: 1, max: 20_000, about: 'clients of counties that stop reading' },
  atSecond: { default: 10, min: 1, max: 3_600, about: 'when, in the measured time' },
} as const satisfies Flags

const slowOf = ({ stalled, atSecond, clientNiceness }: Values<typeof slowFlags>): Incident => ({
  kind: 'slow',
  atSecond,
  apart: { clients: stalled, processes: 1, niceness: clientNiceness, only: 'county' },
  begin: async ({ askApart }) => {
    await askApart({ kind: 'stall' })
  },
  end: async ({ askApart }) => {
    await askApart({ kind: 'goOn' })
  },
})

export const runSlow = (settings: Values<typeof slowFlags>, cleanup: Cleanup) =>
  runWith({ ...settings, killPushAt: 0 }, slowOf(settings), cleanup)
