/**
 * The banner that cannot be missed: from when the picture is old, for how long by now, and why.
 *
 * It is a live region that is always there, so that a screen reader hears of it, and it does not count seconds aloud.
 */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { shownClock, shownDuration } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { address, say, stream } from './state.js'

const reasons = { stale: texts.staleServer, offline: texts.staleOffline, ended: texts.staleEnded } as const

export function Banner() {
  const state = stream.value
  const isOld = 'sinceMs' in state
  return (
    <div class={isOld ? 'banner is-old' : 'banner'} role="alert">
      {isOld ? (
        <>
          <strong>⚠ {say(texts.staleHead)}</strong>
          <span>
            {say(texts.staleSince)} <time>{shownClock(state.sinceMs)}</time> <Lasting sinceMs={state.sinceMs} />
          </span>
          <span class="banner-why">{say(reasons[state.kind])}</span>
        </>
      ) : null}
    </div>
  )
}

function Lasting({ sinceMs }: { readonly sinceMs: number }) {
  const nowMs = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      nowMs.value = Date.now()
    }, 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <span aria-hidden="true">
      （{say(texts.staleFor)} {shownDuration(nowMs.value - sinceMs, address.value.locale)}）
    </span>
  )
}
