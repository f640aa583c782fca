import { number } from '../../format'
import type { Texts } from '..'

export const kinds: Texts['kinds'] = {
  noAnswer: '未作答',
  presence: { absent: '无', present: '有', indeterminate: '不确定' },
  sites: { medial: '内侧', lateral: '外侧' },
  units: { mo: '月', deg: '°' },
  unfit: '该数值不符合此问题的要求：请修改或清空。',
  range: (from, to, unit) => `${from} 至 ${to} ${unit}`,
  middle: '模型建议的是其认为可能范围的中间值，因此相邻分级本身的概率可能更高。',
  reach: (low, high, chance) => `${low} 至 ${high}，${chance}`,
  searchIn: '按名称查找',
  noneOfThese: '以上皆无',
  noneFound: '无',
  count: (kind, count) => {
    const shapes: Record<string, string> = { boxes: '框', points: '点', polygon: '轮廓' }
    return `${number(count)} 个${shapes[kind] ?? '区域'}`
  },
  shapes: { box: '框', point: '点', polygon: '轮廓', length: '长度', angle: '角度', mask: '涂画' },
  measures: { length: '长度', angle: '角度' },
  detector: '探测器平面',
  draw: {
    box: '画框',
    point: '标点',
    polygon: '勾画轮廓',
    length: '测量长度',
    angle: '测量角度',
    mask: '涂画',
  },
  drawing: {
    box: '在图像上拖动',
    point: '在图像上点击',
    polygon: '点击各顶点',
    length: '在图像上拖动',
    angle: '依次点击三点',
    mask: '在图像上涂画',
  },
  segment: '画笔所涂内容',
  suggested: '模型建议',
  taken: '模型建议，已采纳',
  accept: (at) => `采纳 ${at}`,
  remove: (at) => `删除 ${at}`,
  wanted: '待回答',
  extent: { first: '首层', last: '末层' },
  slice: (at) => `第 ${at} 层`,
  imageNumber: (at) => `图像 ${at}`,
  tooFew: (label, count) => `“${label}”至少需要 ${count} 个。`,
  tooMany: (label, count) => `“${label}”最多 ${count} 个。`,
  lacks: (label, at, attribute) => `“${label}”第 ${at} 个：“${attribute}”尚未回答。`,
  wrongView: (label, views) => `“${label}”只能标在 ${views.join('、')} 位上。`,
  map: { of: (label) => `${label}：自上方所见分区`, anterior: '前', posterior: '后' },
}
