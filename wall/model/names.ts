/**
 * What codes are called on the screen, in Chinese and English, and where each county stands in the schematic map.
 *
 * Names from events (units, people, reasons) are never here: they are shown as they came.
 */
export type Locale = 'zh' | 'en'
export type Named = Readonly<Record<Locale, string>>

export const counties = ['HS', 'PJ', 'JH', 'EP', 'KP', 'XH', 'TS', 'SZ'] as const
/** In the order of the schematic: north-west to south-east, the municipal units beside the sea. */
export type County = (typeof counties)[number]

export const countyNames: Readonly<Record<County, Named>> = {
  HS: { zh: '鹤山市', en: 'Heshan' },
  PJ: { zh: '蓬江区', en: 'Pengjiang' },
  JH: { zh: '江海区', en: 'Jianghai' },
  EP: { zh: '恩平市', en: 'Enping' },
  KP: { zh: '开平市', en: 'Kaiping' },
  XH: { zh: '新会区', en: 'Xinhui' },
  TS: { zh: '台山市', en: 'Taishan' },
  SZ: { zh: '市直单位', en: 'Municipal' },
}

export const isCounty = (code: unknown): code is County => counties.includes(code as County)

const ruleNames: Readonly<Record<string, Named>> = {
  'over-quota': { zh: '超编', en: 'over quota' },
  vacancy: { zh: '空编率', en: 'vacancy rate' },
  progress: { zh: '任务完成率', en: 'task progress' },
  'frozen-use': { zh: '冻结期间用编', en: 'posts filled while frozen' },
  'total-cap': { zh: '编制总量上限', en: 'cap on all quota' },
  order: { zh: '人工指令', en: 'order' },
}

const sectorNames: Readonly<Record<string, Named>> = {
  education: { zh: '教育', en: 'education' },
  health: { zh: '卫生', en: 'health' },
  innovation: { zh: '科技创新', en: 'innovation' },
  industry: { zh: '产业服务', en: 'industry' },
  ecology: { zh: '生态环保', en: 'ecology' },
  agriculture: { zh: '农业农村', en: 'agriculture' },
  grassroots: { zh: '基层治理', en: 'grassroots' },
  general: { zh: '其他', en: 'general' },
}

const levelNames: Readonly<Record<string, Named>> = {
  municipal: { zh: '市直', en: 'municipal' },
  county: { zh: '县(市、区)', en: 'county' },
  township: { zh: '镇街', en: 'township' },
}

const kindNames: Readonly<Record<string, Named>> = {
  administrative: { zh: '行政编制', en: 'administrative' },
  institution: { zh: '事业编制', en: 'institution' },
}

/** Accounts of the reform budget. */
const accountNames: Readonly<Record<string, Named>> = {
  platform: { zh: '平台建设', en: 'platform' },
  placement: { zh: '人员安置', en: 'placement' },
  contract: { zh: '编外人员', en: 'contract staff' },
  special: { zh: '专项经费', en: 'special' },
}

/** What the service watches of itself. */
const partNames: Readonly<Record<string, Named>> = {
  disk: { zh: '磁盘', en: 'disk' },
  delay: { zh: '处理延迟', en: 'delay' },
  store: { zh: '历史库', en: 'store of history' },
}

/** A code that this page does not know is shown as it is: better a code than nothing. */
const nameFrom =
  (names: Readonly<Record<string, Named>>) =>
  (code: string, locale: Locale): string =>
    Object.hasOwn(names, code) ? (names[code]?.[locale] ?? code) : code

export const ruleName = nameFrom(ruleNames)
export const rungName = nameFrom({
  unit: { zh: '单位', en: 'the unit' },
  county: { zh: '县级分中心', en: 'the county' },
  city: { zh: '市级监控中心', en: 'the city' },
})
/** What happens to an alert beside its colour. */
export const changeName = nameFrom({
  unit: { zh: '单位', en: 'unit' },
  county: { zh: '县级', en: 'county' },
  city: { zh: '市级', en: 'city' },
  open: { zh: '待受理', en: 'open' },
  acknowledged: { zh: '已受理', en: 'in hand' },
  audible: { zh: '有提示', en: 'audible' },
  silenced: { zh: '静默', en: 'silenced' },
  pending: { zh: '待审批', en: 'pending' },
  none: { zh: '无', en: 'none' },
  approved: { zh: '同意', en: 'approved' },
  refused: { zh: '不同意', en: 'refused' },
  withdrawn: { zh: '撤回', en: 'withdrawn' },
})
export const sectorName = nameFrom(sectorNames)
export const accountName = nameFrom(accountNames)
export const partName = nameFrom(partNames)
export const levelName = nameFrom(levelNames)
export const kindName = nameFrom(kindNames)
export const countyName = nameFrom(countyNames)
