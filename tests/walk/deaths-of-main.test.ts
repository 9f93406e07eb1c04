import t from 'tap'
import { endProcess, Mortals, ways } from './deaths.js'
import { isRunning, until } from './service.js'

t.test('main dies, of whatever: nobody of it is left behind, and the next start has everything', async (t) => {
  const mortals = await Mortals.begin(t)
  for (const way of ways) {
    await mortals.acknowledgesMore()
    const { main } = mortals.service
    const { core, push } = mortals.service.children()
    await endProcess(mortals.service, Number(main.pid), way)
    await until(
      () => [...core, ...push].filter(isRunning),
      (left) => left.length === 0,
    )
    await mortals.startAgain()
  }
  await mortals.proof()
})
