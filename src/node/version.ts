/**
 * The version of this build, from package.json. This file runs as dist/src/node/version.js.
 */
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}

export const version = manifest.version
