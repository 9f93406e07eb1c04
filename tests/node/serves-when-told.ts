/** A child process that serves as soon as it is told to begin. */
import { runAsChild } from '../../src/node/role.js'

runAsChild(async () => async () => undefined)
