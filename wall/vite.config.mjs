/**
 * The wall page: everything self-hosted, nothing inline, so that its content security policy needs no exception.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

export default {
  root: here,
  base: '/wall/',
  build: {
    // Beside dist/wall, where tsc puts wall/model for the tests: Vite empties its own directory.
    outDir: join(here, '..', 'dist', 'wall-page'),
    emptyOutDir: true,
    // Small fonts would become data: addresses, which the policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: false,
  },
}
