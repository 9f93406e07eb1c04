/** A push process: clients on one side, the core on the other. Started by main; index 0 is the critical lane. */
import { startPush } from '../stream/push.js'
import { pushSettings } from './push-settings.js'
import { takeRealtime } from './realtime.js'
import { runAsChild } from './role.js'
import { openTokenKey } from './token-key.js'

runAsChild(async ({ config, addresses, index }) => {
  const secret = await openTokenKey(config.tokenSecretFile)
  if (index === 0) takeRealtime(config.realtimePriority)
  const push = await startPush(pushSettings(config, addresses, index === 0 ? 'critical' : 'common', secret))
  return () => push.stop()
})
