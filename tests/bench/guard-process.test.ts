import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const guardScript = fileURLToPath(new URL('../../bench/guard-process.js', import.meta.url))
/** Writes its number of the process and stays. */
const program = 'process.stdout.write("x"); setInterval(() => {}, 1000)'

t.test('a signal to the whole group does not part the guard from its program, which ends with the bench', async (t) => {
  const guard = fork(guardScript, [process.execPath, '-e', program], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  t.teardown(() => guard.kill('SIGKILL'))
  const [pid] = (await once(guard, 'message')) as [number]
  if (guard.stdout === null) throw new Error('no output')
  await once(guard.stdout, 'data')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) guard.kill(signal)
  guard.send('SIGCONT')
  t.ok(process.kill(pid, 0), 'the program is there')
  const output = once(guard.stdout, 'close')
  guard.disconnect()
  await t.resolves(output, 'and gone, with its end of the pipe, when nobody asks the guard any more')
})
