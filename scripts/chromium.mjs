/**
 * Chromium and a Chinese font for the walks through the wall: found, or installed where this machine lets us.
 *
 * A walk without a browser fails; it is not skipped, for a page that nobody opened is not a page that works.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome']
const packages = ['chromium', 'fonts-noto-cjk']

const isInstalled = (names) =>
  (process.env.PATH ?? '').split(delimiter).some((directory) => names.some((name) => existsSync(join(directory, name))))

/** Undefined when there is a Chromium afterwards, else why there is none. */
export function installChromium() {
  if (isInstalled(names)) return undefined
  if (process.getuid?.() !== 0) return `not root, so this stays undone: apt-get install ${packages.join(' ')}`
  if (!isInstalled(['apt-get'])) return 'there is no apt-get on this machine'
  console.error(`installing ${packages.join(', ')}`)
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const { status, stderr } = spawnSync('apt-get', ['-q', ...words], { encoding: 'utf8', env })
    if (status !== 0) return `apt-get ${words[0]} failed: ${stderr?.trim().split('\n').at(-1) ?? 'no reason given'}`
  }
  return isInstalled(names) ? undefined : 'apt-get installed it, and it is not there'
}
