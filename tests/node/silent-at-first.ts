/**
 * A child process whose event loop stands still for three seconds before it serves, as that of a store with much to load.
 */
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)
process.send?.({ kind: 'ready' })
process.on('message', ({ kind }: { kind: string }) => kind === 'stop' && process.exit(0))
