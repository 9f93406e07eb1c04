import t from 'tap'
import { parseFlags } from '../../bench/arguments.js'
import { countyShareOf, e2eFlags, settled } from '../../bench/e2e-settings.js'

const settingsOf = (...words: string[]) => settled(parseFlags(e2eFlags, words).values)

t.test('100,000 clients are eight push processes, and as many receivers a transition as the issue says', async (t) => {
  const first = settingsOf('--clients', '100000', '--rate', '1000')
  t.match(first, { pushProcesses: 8, clientProcesses: 8, receivers: 90, transitionShare: 0.22 })
  const second = settingsOf('--clients', '100000', '--rate', '1000', '--deliveries', '48000')
  t.equal(Math.round(second.receivers), 218)
  for (const settings of [first, second]) {
    const { clients, units, receivers } = settings
    const each = clients / units + (clients / 8) * countyShareOf(settings)
    t.ok(Math.abs(each - receivers) < 1e-6, `${each} receivers of a transition, not ${receivers}`)
  }
})

t.test('more clients than the push processes take are refused at once, up to the last that fits', async (t) => {
  t.equal(settingsOf('--clients', '96000', '--push-processes', '6').pushProcesses, 6)
  t.equal(settled(parseFlags(e2eFlags, ['--clients', '20000']).values, 20_000).pushProcesses, 4)
  t.throws(() => settingsOf('--clients', '96001', '--push-processes', '6'), /6 push processes hold 96000 clients/)
})
