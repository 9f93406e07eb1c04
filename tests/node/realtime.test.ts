import { spawnSync } from 'node:child_process'
import t from 'tap'

const realtime = new URL('../../src/node/realtime.js', import.meta.url).href

/** In a thread of another process: what was said, and the scheduling policy of that thread and of the main one (proc(5)). */
function policies(priority: number): readonly [boolean, number, number] {
  const inThread = `
    import { readFileSync } from 'node:fs'
    import { parentPort } from 'node:worker_threads'
    import { takeRealtime } from '${realtime}'
    const policyOf = (path) => Number(readFileSync(path, 'utf8').split(') ')[1].split(' ')[38])
    const took = takeRealtime(${priority})
    parentPort.postMessage([took, policyOf('/proc/thread-self/stat'), policyOf('/proc/self/stat')])`
  const program = `
    import { Worker } from 'node:worker_threads'
    new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(inThread)})))
      .on('message', (said) => console.log(JSON.stringify(said)))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  t.equal(stderr, '')
  return JSON.parse(stdout) as [boolean, number, number]
}

const roundRobin = 2

t.test('a thread of real-time priority is one alone of its process, and it is said whether it is', async (t) => {
  const [took, thread, main] = policies(1)
  t.equal(thread === roundRobin, took, `${took}: policy ${thread}`)
  t.not(main, roundRobin)
})

t.test('no priority, or one that there is not, asks for nothing', async (t) => {
  for (const priority of [0, -1, 100]) t.same(policies(priority).slice(0, 2), [false, 0])
})
