/**
 * What a county has, below its own name: `{}` stands for it (台山市, 江门市蓬江区).
 *
 * Plausible names of the kind that such a county has; which of them exists there, and how large it is, is invented.
 * The order matters: a small district takes the head of each list, a large county all of it. The weight is the size
 * beside its neighbours in the list. Called by units.ts.
 */
import type { Sector } from '../../src/core/names.js'

/** Name, sector, weight. */
export type NamedUnit = readonly [name: string, sector: Sector, weight: number]

/** 公安局 and 自然资源局 come after the 26 that a district takes: there they are branches of the city's. */
export const countyOrgans: readonly NamedUnit[] = [
  ['中共{}委员会办公室', 'general', 16],
  ['{}人民政府办公室', 'general', 20],
  ['{}财政局', 'general', 18],
  ['{}发展和改革局', 'industry', 16],
  ['{}人力资源和社会保障局', 'general', 16],
  ['{}民政局', 'grassroots', 12],
  ['{}住房和城乡建设局', 'general', 16],
  ['{}农业农村局（乡村振兴局）', 'agriculture', 20],
  ['{}科工商务局', 'innovation', 16],
  ['{}市场监督管理局', 'general', 40],
  ['{}城市管理和综合执法局', 'grassroots', 14],
  ['{}应急管理局', 'general', 14],
  ['{}水利局', 'ecology', 14],
  ['{}审计局', 'general', 12],
  ['{}司法局', 'grassroots', 20],
  ['中共{}纪律检查委员会机关', 'general', 24],
  ['中共{}委员会组织部', 'general', 14],
  ['中共{}委员会宣传部', 'general', 12],
  ['中共{}委员会统一战线工作部', 'general', 10],
  ['中共{}委员会政法委员会', 'grassroots', 10],
  ['{}人民代表大会常务委员会机关', 'general', 14],
  ['中国人民政治协商会议{}委员会机关', 'general', 12],
  ['{}文化广电旅游体育局', 'general', 14],
  ['{}退役军人事务局', 'general', 10],
  ['{}政务服务和数据管理局', 'innovation', 10],
  ['{}交通运输局', 'general', 16],
  ['{}公安局', 'general', 260],
  ['{}自然资源局', 'ecology', 30],
  ['中共{}委员会机构编制委员会办公室', 'general', 8],
  ['{}统计局', 'general', 10],
  ['{}林业局', 'ecology', 12],
  ['{}医疗保障局', 'general', 10],
  ['{}信访局', 'grassroots', 8],
  ['{}总工会', 'general', 8],
  ['{}妇女联合会', 'general', 6],
  ['{}残疾人联合会', 'general', 6],
]

export const countySocialBureaus: readonly NamedUnit[] = [
  ['{}教育局', 'education', 11],
  ['{}卫生健康局', 'health', 10],
]

export const countyTeacherCentre: readonly NamedUnit[] = [['{}教师发展中心', 'education', 1]]

export const countyEnforcement: readonly NamedUnit[] = [
  ['{}城市管理综合执法大队', 'grassroots', 20],
  ['{}农业综合执法大队', 'grassroots', 12],
  ['{}交通运输综合执法大队', 'grassroots', 14],
  ['{}文化市场综合执法大队', 'grassroots', 8],
  ['{}应急管理综合执法大队', 'grassroots', 10],
  ['{}市场监管综合执法大队', 'grassroots', 14],
]

export const countyGrowth: readonly NamedUnit[] = [
  ['{}科技创新服务中心', 'innovation', 12],
  ['{}中小企业服务中心', 'industry', 10],
  ['{}生态环境监测站', 'ecology', 14],
  ['{}投资促进中心', 'industry', 12],
  ['{}自然保护地管理中心', 'ecology', 14],
  ['{}大数据服务中心', 'innovation', 10],
  ['{}产业园区发展服务中心', 'industry', 14],
  ['{}国有林场管理中心', 'ecology', 16],
]

export const countyOthers: readonly NamedUnit[] = [
  ['{}农业技术推广中心', 'agriculture', 16],
  ['{}机关事务管理中心', 'general', 14],
  ['{}融媒体中心', 'general', 18],
  ['{}图书馆', 'general', 10],
  ['{}动物疫病预防控制中心', 'agriculture', 12],
  ['{}文化馆', 'general', 8],
  ['{}公路事务中心', 'general', 22],
  ['{}人力资源服务中心', 'general', 10],
  ['{}社会福利院', 'general', 12],
  ['{}档案馆', 'general', 8],
  ['{}博物馆', 'general', 9],
  ['{}农产品质量安全检验检测中心', 'agriculture', 10],
  ['{}不动产登记中心', 'general', 14],
  ['中共{}委员会党校', 'general', 12],
  ['{}水库移民事务中心', 'agriculture', 8],
  ['{}农村集体经济服务中心', 'agriculture', 9],
  ['{}公共资源交易中心', 'general', 9],
  ['{}水利工程管理中心', 'agriculture', 26],
]

export const countySchools: readonly NamedUnit[] = [
  ['{}第一中学', 'education', 34],
  ['{}中等职业技术学校', 'education', 30],
  ['{}实验小学', 'education', 18],
  ['{}特殊教育学校', 'education', 8],
  ['{}机关幼儿园', 'education', 7],
  ['{}实验中学', 'education', 26],
  ['{}华侨中学', 'education', 28],
  ['{}第一小学', 'education', 16],
  ['{}第二中学', 'education', 24],
  ['{}外国语学校', 'education', 24],
  ['{}第二小学', 'education', 16],
  ['{}第三中学', 'education', 22],
  ['{}第三小学', 'education', 15],
  ['{}实验幼儿园', 'education', 7],
  ['{}职业高级中学', 'education', 22],
  ['{}第四中学', 'education', 20],
  ['{}第四小学', 'education', 15],
  ['{}第二幼儿园', 'education', 7],
  ['{}第五中学', 'education', 20],
  ['{}第五小学', 'education', 14],
  ['{}第六小学', 'education', 14],
  ['{}少年儿童活动学校', 'education', 8],
]

export const countyHospitals: readonly NamedUnit[] = [
  ['{}人民医院', 'health', 40],
  ['{}疾病预防控制中心', 'health', 12],
  ['{}妇幼保健院', 'health', 20],
  ['{}中医院', 'health', 26],
  ['{}慢性病防治站', 'health', 8],
  ['{}第二人民医院', 'health', 18],
]

/** How many of each list a county takes; chosen so that no unit of a small district falls under `unitPostsMin`. */
export const takenByCounty = {
  PJ: { organs: 16, enforcement: 2, growth: 3, others: 4, schools: 22, hospitals: 4, fourthSchools: 6 },
  JH: { organs: 10, enforcement: 1, growth: 2, others: 2, schools: 8, hospitals: 3, fourthSchools: 3 },
  XH: { organs: 26, enforcement: 4, growth: 6, others: 14, schools: 18, hospitals: 5, fourthSchools: 4 },
  TS: { organs: 36, enforcement: 6, growth: 8, others: 18, schools: 11, hospitals: 6, fourthSchools: 8 },
  KP: { organs: 32, enforcement: 5, growth: 6, others: 16, schools: 9, hospitals: 5, fourthSchools: 5 },
  HS: { organs: 28, enforcement: 4, growth: 6, others: 14, schools: 6, hospitals: 5, fourthSchools: 4 },
  EP: { organs: 30, enforcement: 5, growth: 6, others: 15, schools: 5, hospitals: 5, fourthSchools: 3 },
} as const
