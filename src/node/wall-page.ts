/** The built wall page; this file runs as dist/src/node/wall-page.js. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const wallDirectory = fileURLToPath(new URL('../../wall-page/', import.meta.url))

export const isWallBuilt = (): boolean => existsSync(join(wallDirectory, 'index.html'))

/** Where the wall of a service is, or what there is to do about it. */
export const wallWords = (http: string, isBuilt = isWallBuilt()): string =>
  isBuilt ? `${http}/wall/` : 'not built: npm run build:wall, then start again'
