/**
 * What this start brings along: the engine's version, the calendar, the policy, the rules.
 */
import { faultOf } from '../alerts/rules.js'
import { engineVersion } from '../alerts/shard.js'
import { readCalendar } from '../config/calendar.js'
import type { Config } from '../config/config.js'
import { readRules } from '../config/rules-file.js'
import { knownPolicies, knownVersion } from '../core/policy.js'
import { readConfigured } from './configured-file.js'
import type { Foundation } from './foundation.js'
import { type Standing, standingChanges } from './standing.js'

/** QW_RULES_INVALID, with file, line and reason, for a rule file that cannot be used; QW_OPTION_INVALID for none. */
export async function wantedStanding(config: Config): Promise<Required<Standing>> {
  const text = await readConfigured('rulesFile', config.rulesFile)
  return {
    engine: { kind: 'engine', version: engineVersion },
    calendar: readCalendar(),
    policy: {
      kind: 'policy',
      policy: { name: config.policy, version: knownVersion, bases: knownPolicies[config.policy] },
    },
    rules: { kind: 'rules', rules: readRules(text, config.rulesFile, faultOf) },
  }
}

/** Appends what this start brings along and the log does not know yet; judged before the first event is taken. */
export async function bringStanding({ begin, log, recovered }: Foundation): Promise<Standing> {
  const wanted = await wantedStanding(begin.config)
  const changes = standingChanges(recovered.standing, wanted)
  if (changes.length > 0) await log.append(changes).durable
  await recovered.judge.drained()
  return wanted
}
