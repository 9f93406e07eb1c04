import t from 'tap'
import { createMetrics } from '../../src/api/metrics.js'
import type { UnixMs } from '../../src/core/names.js'
import { transitionOf } from './fixture.js'

/** The figure of one line of the text. */
const figure = (text: string, line: string): string | undefined =>
  text
    .split('\n')
    .find((each) => each.startsWith(`${line} `))
    ?.slice(line.length + 1)

t.test('events are counted by verdict', async (t) => {
  const metrics = createMetrics()
  metrics.events('accepted', 499)
  metrics.events('accepted', 1)
  metrics.events('waiting', 2)
  const text = await metrics.scrape()
  t.equal(figure(text, 'quotawatch_events_total{verdict="accepted"}'), '500')
  t.equal(figure(text, 'quotawatch_events_total{verdict="waiting"}'), '2')
  t.equal(
    figure(text, 'quotawatch_events_total{verdict="duplicate"}'),
    '0',
    'a verdict that never came is 0, not absent',
  )
  t.equal(figure(await metrics.scrape(), 'quotawatch_events_total{verdict="accepted"}'), '500', 'scraping adds nothing')
})

t.test('batches, syncs and judging are histograms in base units', async (t) => {
  const metrics = createMetrics()
  metrics.batch(20, 250)
  metrics.batch(21, 260)
  metrics.judged(41, 2_000_000)
  const text = await metrics.scrape()
  t.equal(figure(text, 'quotawatch_batch_entries_bucket{le="20"}'), '1')
  t.equal(figure(text, 'quotawatch_batch_entries_bucket{le="50"}'), '2')
  t.equal(figure(text, 'quotawatch_sync_seconds_bucket{le="0.00025"}'), '1', '250 µs is within the bound')
  t.equal(figure(text, 'quotawatch_sync_seconds_bucket{le="0.0005"}'), '2')
  t.equal(figure(text, 'quotawatch_judge_seconds_bucket{le="1"}'), '0')
  t.equal(figure(text, 'quotawatch_judge_seconds_sum'), '2')
  t.equal(figure(text, 'quotawatch_judged_entries_total'), '41')
})

t.test('transitions are counted by rule and colour, freezes by state', async (t) => {
  const metrics = createMetrics()
  metrics.transition(transitionOf(1))
  metrics.transition({
    kind: 'alert',
    rule: 'vacancy',
    from: 'green',
    to: 'yellow',
    position: transitionOf(1).position,
    subject: 'PJ-1',
    at: 0 as UnixMs,
    why: { events: [], policy: 'home@1', assumed: false },
  })
  const text = await metrics.scrape()
  t.equal(figure(text, 'quotawatch_transitions_total{kind="freeze",rule="",to="lifted"}'), '1')
  t.equal(figure(text, 'quotawatch_transitions_total{kind="alert",rule="vacancy",to="yellow"}'), '1')
})

t.test('depths are asked when somebody scrapes', async (t) => {
  const metrics = createMetrics()
  let depth = 3
  metrics.queue('judge', () => depth)
  metrics.figure({ name: 'quotawatch_log_head', help: 'newest position' }, () => depth * 10)
  t.equal(figure(await metrics.scrape(), 'quotawatch_queue_depth{queue="judge"}'), '3')
  depth = 4
  t.equal(figure(await metrics.scrape(), 'quotawatch_queue_depth{queue="judge"}'), '4')
  t.equal(figure(await metrics.scrape(), 'quotawatch_log_head'), '40')
})

t.test('what the push processes report is asked when somebody scrapes', async (t) => {
  const metrics = createMetrics()
  const figures = {
    processes: 3,
    clients: 50,
    subscriptions: 60,
    publications: 10,
    deliveries: 400,
    drops: 1,
    cutOff: 0,
    resumes: { ring: 5, record: 2, reload: 0 },
    closes: { '4508': 1 } as Record<string, number>,
  }
  metrics.push(() => figures)
  const first = await metrics.scrape()
  t.equal(figure(first, 'quotawatch_push_clients'), '50')
  t.equal(figure(first, 'quotawatch_push_resumes_total{from="record"}'), '2')
  t.equal(figure(first, 'quotawatch_push_closes_total{code="4508"}'), '1')
  Object.assign(figures, { clients: 49, deliveries: 410, closes: { '4508': 2, '4408': 1 } })
  const second = await metrics.scrape()
  t.equal(figure(second, 'quotawatch_push_clients'), '49')
  t.equal(figure(second, 'quotawatch_push_deliveries_total'), '410')
  t.equal(figure(second, 'quotawatch_push_closes_total{code="4508"}'), '2')
  t.equal(figure(second, 'quotawatch_push_closes_total{code="4408"}'), '1')
})

t.test('two services in one process do not count together', async (t) => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.events('accepted', 1)
  t.equal(figure(await other.scrape(), 'quotawatch_events_total{verdict="accepted"}'), '0')
})
