import t from 'tap'
import { sharesBySession } from '../../bench/machine.js'

t.test('sessions share the cores where the kernel does so and no control group for cores is around', async (t) => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['1\n', '0::/\n', true],
    ['1\n', '2:cpuacct:/\n1:cpu:/\n0::/\n', true],
    ['1\n', '4:cpu,cpuacct:/\n', true],
    ['0\n', '0::/\n', false],
    ['1\n', '0::/system.slice/quotawatch.service\n', false],
    ['1\n', '2:cpuacct:/\n1:cpu:/bench\n0::/\n', false],
    ['1\n', '4:cpu,cpuacct:/bench\n0::/\n', false],
    ['0', '', false],
  ]
  for (const [enabled, cgroup, expected] of cases) t.equal(sharesBySession(enabled, cgroup), expected, cgroup)
})
