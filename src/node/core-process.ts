/** The core process: log, engine, ingest, API. Started by main; everything it does is in core.ts. */
import { runAsChild } from './role.js'
import { startCore } from './start-core.js'

runAsChild(startCore)
