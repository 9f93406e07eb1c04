/**
 * Puts the simulated machine in the place of Node's: time, timers, files, sockets. The real code imports what it always
 * imports. Given back at the end.
 */

import uWS from 'uWebSockets.js'
import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import timers from 'node:timers/promises'
import type { Disk } from './disk.js'
import { callbacksOf, type Files, promisesOf } from './files.js'
import { clocksOf, type Machine, timersOf, waitsOf } from './machine.js'
import type { Network } from './network.js'

type Functions = Record<string, unknown>

/** Returns how it is undone. */
export function takeOver(machine: Machine, disk: Disk, files: Files, network: Network): () => void {
  const undo: (() => void)[] = []
  const put = (target: object, functions: Functions) => {
    const before = Object.fromEntries(Object.keys(functions).map((name) => [name, (target as Functions)[name]]))
    Object.assign(target, functions)
    undo.push(() => Object.assign(target, before))
  }
  const { hrtime, monotonicMs, wallMs } = clocksOf(machine)
  put(globalThis, timersOf(machine))
  put(timers, waitsOf(machine))
  put(promises, promisesOf(files, disk))
  put(fs, callbacksOf(files, machine))
  put(net, network.sockets())
  put(uWS, { App: () => network.openApp(), us_listen_socket_close: () => undefined, us_socket_local_port: () => 1 })
  put(Date, { now: wallMs })
  put(performance, { now: monotonicMs })
  put(process, { hrtime, exit: () => machine.kill(machine.life) })
  put(Math, { random: () => machine.random.whole(0, 999_999) / 1_000_000 })
  const crash = (error: unknown) => machine.crash(error)
  process.on('unhandledRejection', crash)
  syncBuiltinESMExports()
  return () => {
    process.off('unhandledRejection', crash)
    for (const back of undo.reverse()) back()
    syncBuiltinESMExports()
  }
}
