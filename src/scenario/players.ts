/**
 * Everybody who does something in the city, in the order in which they act in a slot.
 *
 * Each has streams of its own, so that a change to one leaves what the others draw as it was.
 */
import { openAdjustments } from './adjustments.js'
import { openAssessments } from './assessments.js'
import { openCases } from './cases.js'
import { openContracts } from './contracts.js'
import { openFunds } from './funds.js'
import { openIndicators } from './indicators.js'
import { openLists } from './lists.js'
import { openMergers } from './mergers.js'
import { openMilestones } from './milestones.js'
import { openMoves } from './moves.js'
import { openOrders } from './orders.js'
import { openPool } from './pool.js'
import { openReports } from './reports.js'
import type { Player, Scene } from './scene.js'
import { openSecondments } from './secondments.js'
import { openStaffing } from './staffing.js'
import { openTasks } from './tasks.js'

export const openPlayers = (scene: Scene): Player[] =>
  [
    // First: what they know is what the service was told in the slots before.
    openOrders,
    openMilestones,
    openTasks,
    openStaffing,
    openSecondments,
    openContracts,
    openMoves,
    openLists,
    openAdjustments,
    openPool,
    openAssessments,
    openFunds,
    openCases,
    openIndicators,
    openReports,
    openMergers,
  ].map((open) => open(scene))
