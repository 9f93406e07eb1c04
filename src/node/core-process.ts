/** The core process: log, engine, ingest, API. Started by main; everything it does is in core.ts. */
import { startCore } from './core.js'
import { runAsChild } from './role.js'

runAsChild(startCore)
