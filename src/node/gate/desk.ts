/**
 * The gate's answer, on whatever thread it is asked: the unit's row on the board, and what speaks against it.
 */
import { refusals } from '../../alerts/gate.js'
import type { AskGate } from '../../api/api.js'
import { QwError } from '../../core/errors.js'
import { type GateMemory, GateReader } from '../../workers/gate-board.js'

export function gateDesk(memory: GateMemory): AskGate {
  const reader = new GateReader(memory)
  return (question) => {
    const { n, row, common } = reader.find(question.unit)
    if (!row) throw new QwError('QW_NOT_FOUND', { what: `unit ${question.unit}` })
    const reasons = refusals(question, row, common)
    const allow = reasons.length === 0
    reader.count(allow)
    return { allow, reasons, n }
  }
}
