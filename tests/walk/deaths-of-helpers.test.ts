import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { Mortals } from './deaths.js'
import { ask, childrenThatRun, root, until } from './service.js'

t.test(
  'the core that waits and the process of a preview are killed: nothing stops, and the next ones work',
  async (t) => {
    const mortals = await Mortals.begin(t, { coreSpareAfterMs: 1 })
    const { service } = mortals
    const [core = 0] = service.children().core
    const spare = async (): Promise<number> => {
      const [pid] = await until(
        () => service.children().spare,
        ({ length }) => length === 1,
      )
      return Number(pid)
    }
    const first = await spare()
    await mortals.end('spare', first, 'SIGKILL')
    const second = await spare()
    t.not(second, first, 'another waits in its place')
    await mortals.acknowledgesMore()

    const rules = await readFile(join(root, 'tests/walk/few-rules.yaml'), 'utf8')
    const preview = () => ask(`${service.http}/v1/rules/preview`, rules, 'application/yaml')
    const killed = preview()
    const [helper] = await until(
      () => childrenThatRun(core, 'preview-process.js'),
      ({ length }) => length === 1,
    )
    process.kill(Number(helper), 'SIGKILL')
    t.match(await killed, { status: 503, body: { code: 'QW_PREVIEW_ENDED', detail: /SIGKILL/ } })
    t.match(await preview(), { status: 200 })
    await mortals.acknowledgesMore()
    t.same(service.children().core, [core], 'neither has taken the core with it')

    await mortals.end('core', core, 'SIGKILL')
    t.same(service.children().core, [second], 'the one that waited since then takes its place')
    await mortals.proof()
  },
)
