import { number } from '../../format'
import type { Texts } from '..'

export const data: Texts['data'] = {
  title: '影像',
  counts: (studies, instances) => `${number(studies)} 项检查，${number(instances)} 幅图像`,
  search: '患者、描述或部位',
  empty: '影像库为空',
  emptyHelp: '请上传 DICOM 文件、文件夹或 zip；入库前会去除姓名等身份信息。',
  emptyReader: '这里还没有图像',
  emptyReaderHelp: '您的任务有病例后，即可在此看到其图像。',
  noMatch: '没有匹配的结果',
  noMatchHelp: '按词首匹配。请减少词语，或取消一个筛选条件。',
  clear: '清除搜索与筛选',
  upload: '上传',
  patient: '患者',
  study: '检查',
  date: '日期',
  modality: '设备类型',
  bodyPart: '部位',
  images: '图像',
  filters: { modality: '设备类型', body_part: '部位', laterality: '侧别' },
  moreValues: (count) => `另有 ${count} 项`,
  fewerValues: '收起',
  sides: { R: '右', L: '左', B: '双侧' },
  wait: (count) => `${number(count)} 幅图像等待查看：其中可能含有姓名`,
  lookAtThem: '查看',
}
