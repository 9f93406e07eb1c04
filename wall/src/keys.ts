/** Keys that work anywhere on the page. A key with Ctrl, Alt or Meta belongs to the browser. */
import { counties } from '../model/names.js'
import { address, go } from './state.js'

const keys: Readonly<Record<string, () => void>> = {
  Escape: () => go({ unit: undefined }),
  t: () => go({ view: address.value.view === 'table' ? 'tiles' : 'table' }),
  l: () => go({ locale: address.value.locale === 'zh' ? 'en' : 'zh' }),
  '0': () => go({ county: undefined }),
}

export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return
    const county = counties[Number(event.key) - 1]
    if (county) go({ county })
    else if (Object.hasOwn(keys, event.key)) keys[event.key]?.()
  })
}

/** What is typed into a field is the field's. */
const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLInputElement
