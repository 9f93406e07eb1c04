/**
 * The storm bench: the e2e load on those who stay, while a crowd loses its connections and all of it wants back within
 * a second, as after a network that was away for a moment.
 */
import type { Flags, Values } from './arguments.js'
import type { Cleanup } from './cleanup.js'
import { runWith } from './e2e.js'
import { e2eFlags } from './e2e-settings.js'
import type { Incident } from './incident.js'

const { killPushAt: _, ...flags } = e2eFlags

export const stormFlags = {
  ...flags,
  clients: { ...flags.clients, default: 20_000, about: 'clients that stay' },
  seconds: { ...flags.seconds, default: 40 },
  drainSeconds: { ...flags.drainSeconds, default: 60, about: 'wait for the last clients and frames at most so long' },
  returning: { default: 20_000, min: 1, max: 100_000, about: 'clients that lose their connections and come back' },
  withinMs: { default: 1_000, min: 1, max: 600_000, about: 'they begin to within so long, evenly spread' },
  atSecond: { default: 10, min: 1, max: 3_600, about: 'when, in the measured time' },
  returningNiceness: {
    default: 10,
    min: -20,
    max: 19,
    about: "scheduling priority of the returning clients' processes: they stand for other machines' work",
  },
} as const satisfies Flags

const clientsPerProcess = 10_000

const stormOf = ({ returning, withinMs, atSecond, returningNiceness }: Values<typeof stormFlags>): Incident => ({
  kind: 'storm',
  atSecond,
  apart: {
    clients: returning,
    processes: Math.ceil(returning / clientsPerProcess),
    niceness: returningNiceness,
  },
  begin: async ({ askApart }) => {
    await askApart({ kind: 'storm', withinMs })
  },
})

export const runStorm = (settings: Values<typeof stormFlags>, cleanup: Cleanup) =>
  runWith({ ...settings, killPushAt: 0 }, stormOf(settings), cleanup)
