import type { Texts } from '..'

export const jobs: Texts['jobs'] = {
  title: '后台作业',
  empty: '尚未运行过任何作业',
  emptyHelp: '训练、预测和导出在运行期间及之后都会显示在这里。',
  job: '作业',
  progress: '进度',
  started: '开始时间',
  kinds: {
    'annotation.build_cases': '新病例',
    'training.train': '训练',
    'training.pretrain': '预训练',
    'training.compare': '模型比较',
    'inference.preannotate': '预标注',
    'inference.predict': '单例预测',
    'inference.heatmaps': '热图',
    'inference.outside': '外部图像预测',
    'inference.export': '导出',
    'archive.ingest': '入库',
    'archive.check_text': '检查图像中的姓名',
  },
  states: {
    queued: '排队中',
    running: '运行中',
    done: '完成',
    failed: '失败',
    cancelled: '已取消',
  },
  attempt: (attempts) => `第 ${attempts} 次尝试`,
  took: (time) => `用时 ${time}`,
  ofTask: (task) => `任务 ${task}`,
  cancelTitle: (kind) => `取消此次${kind}？`,
  cancelHelp:
    '至今所学的内容将被永久移除，下一次须从头开始；自动训练从现在起重新累计所需的新参考结果。使用中的模型保持不变。',
  cancelIt: '确认取消',
  goOn: '继续运行',
}
