/** Who orders in the play. */
export const people = { centre: '市级监控中心 梁值班', commission: '市委编委 何主任' } as const
