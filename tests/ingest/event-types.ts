/**
 * Every event type of domain 2, written down once more: a type that is forgotten somewhere is found by comparison.
 */
export const validatedTypes: readonly string[] = [
  'unit.registered',
  'unit.closed',
  'county.described',
  'quota.approved',
  'staff.entered',
  'staff.left',
  'contract.entered',
  'contract.left',
  'pool.lent',
  'pool.returned',
  'request.submitted',
  'demand.listed',
  'supply.listed',
  'task.planned',
  'task.progressed',
  'assessment.published',
  'assessment.closed',
  'fund.budgeted',
  'fund.spent',
  'case.opened',
  'case.answered',
  'indicator.reported',
  'risk.reported',
]
