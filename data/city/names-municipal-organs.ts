/**
 * The 80 municipal organs 市直机关: administrative posts.
 *
 * Names as such a city has them; how large each is here is invented. Branches in the districts belong to the city.
 * The weight is the size beside its neighbours in the list. Called by units.ts.
 */
import type { NamedUnit } from './names-county.js'
import { districts } from './places.js'

/** 蓬江, 江海 and 新会 have branches of the city's organs where a county-level city has a bureau of its own. */
const urban = districts.slice(0, 3).map((district) => district.name.slice(0, -1))
const all = districts.map((district) => district.name.slice(0, -1))

export const municipalOrgans: readonly NamedUnit[] = [
  ['中共江门市委办公室', 'general', 80],
  ['中共江门市纪律检查委员会机关', 'general', 150],
  ['中共江门市委组织部', 'general', 70],
  ['中共江门市委宣传部', 'general', 60],
  ['中共江门市委统一战线工作部', 'general', 50],
  ['中共江门市委政法委员会', 'grassroots', 50],
  ['中共江门市委机构编制委员会办公室', 'general', 40],
  ['中共江门市委网络安全和信息化委员会办公室', 'innovation', 30],
  ['中共江门市委直属机关工作委员会', 'general', 24],
  ['中共江门市委台港澳工作办公室', 'general', 20],
  ['中共江门市委老干部局', 'general', 24],
  ['中共江门市委巡察工作领导小组办公室', 'general', 36],
  ['江门市人民代表大会常务委员会机关', 'general', 60],
  ['江门市人民政府办公室', 'general', 100],
  ['中国人民政治协商会议江门市委员会机关', 'general', 50],
  ['江门市发展和改革局', 'industry', 90],
  ['江门市科学技术局', 'innovation', 60],
  ['江门市工业和信息化局', 'industry', 70],
  ['江门市民族宗教事务局', 'general', 24],
  ['江门市公安局', 'general', 1200],
  ['江门市公安局交通警察支队', 'general', 520],
  ['江门市民政局', 'grassroots', 50],
  ['江门市司法局', 'grassroots', 70],
  ['江门市财政局', 'general', 90],
  ['江门市人力资源和社会保障局', 'general', 90],
  ['江门市自然资源局', 'ecology', 100],
  ['江门市生态环境局', 'ecology', 80],
  ['江门市住房和城乡建设局', 'general', 80],
  ['江门市交通运输局', 'general', 90],
  ['江门市水利局', 'ecology', 60],
  ['江门市农业农村局（乡村振兴局）', 'agriculture', 90],
  ['江门市商务局', 'industry', 70],
  ['江门市文化广电旅游体育局', 'general', 80],
  ['江门市退役军人事务局', 'general', 44],
  ['江门市应急管理局', 'general', 70],
  ['江门市审计局', 'general', 64],
  ['江门市人民政府国有资产监督管理委员会', 'industry', 50],
  ['江门市市场监督管理局', 'general', 150],
  ['江门市统计局', 'general', 44],
  ['江门市医疗保障局', 'general', 44],
  ['江门市金融工作局', 'industry', 30],
  ['江门市城市管理和综合执法局', 'grassroots', 90],
  ['江门市信访局', 'grassroots', 30],
  ['江门市政务服务数据管理局', 'innovation', 50],
  ['江门市林业局', 'ecology', 44],
  ['江门市外事局', 'general', 30],
  ['江门市侨务局', 'general', 24],
  ['江门市地方金融风险防范办公室', 'industry', 20],
  ['江门市人民防空办公室', 'general', 24],
  ['江门市口岸局', 'industry', 30],
  ['江门市总工会', 'general', 36],
  ['中国共产主义青年团江门市委员会', 'general', 24],
  ['江门市妇女联合会', 'general', 24],
  ['江门市科学技术协会', 'innovation', 20],
  ['江门市归国华侨联合会', 'general', 18],
  ['江门市残疾人联合会', 'general', 24],
  ['江门市工商业联合会', 'industry', 20],
  ['江门市文学艺术界联合会', 'general', 18],
  ['江门市社会科学界联合会', 'general', 14],
  ['江门市红十字会', 'general', 14],
  ['中国国际贸易促进委员会江门市委员会', 'industry', 16],
  ['江门市公安局森林警察支队', 'ecology', 60],
  ['江门市公安局水上分局', 'general', 90],
  ['江门市司法局强制隔离戒毒所', 'general', 130],
  ['江门市公安局监管支队', 'general', 150],
  ...urban.map((name): NamedUnit => [`江门市公安局${name}分局`, 'general', 520]),
  ...urban.map((name): NamedUnit => [`江门市自然资源局${name}分局`, 'ecology', 50]),
  ...all.map((name): NamedUnit => [`江门市生态环境局${name}分局`, 'ecology', 34]),
]

export const municipalSocialBureaus: readonly NamedUnit[] = [
  ['江门市教育局', 'education', 9],
  ['江门市卫生健康局', 'health', 8],
]
