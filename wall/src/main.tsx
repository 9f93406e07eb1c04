/** The wall display: one page at /wall/. Everything on it is live; what it shows stands in its address. */
import '@fontsource-variable/noto-sans-sc'
import './styles.css'
import { effect } from '@preact/signals'
import { render } from 'preact'
import { texts } from '../model/texts.js'
import { startFeed } from './feed.js'
import { listenToKeys } from './keys.js'
import { Page } from './page.js'
import { address, exercise, say } from './state.js'

effect(() => {
  const { locale, scale } = address.value
  document.documentElement.lang = locale === 'zh' ? 'zh-CN' : 'en'
  document.documentElement.style.setProperty('--scale', String(scale))
})
effect(() => {
  document.title = `${exercise.value ? `【${say(texts.exercise)}】` : ''}${say(texts.title)}`
})

const root = document.getElementById('wall')
if (root) render(<Page />, root)
listenToKeys()
startFeed().catch((error) => console.error('quotawatch wall:', error))
