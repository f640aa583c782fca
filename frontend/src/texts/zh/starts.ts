import type { Texts } from '..'

export const starts: Texts['starts'] = {
  title: '起始权重',
  says: '下一次完整训练所用的起始编码器；在任务训练出自己的编码器之前，快速训练也使用它。',
  own: (model) =>
    `模型 ${model} 已有本任务自己的编码器：快速训练继续使用它，下一次完整训练从此处所选权重开始。`,
  name: '编码器',
  network: '网络',
  source: '来源与许可',
  made: '提供或生成',
  published: '随平台提供',
  nothing: '平台未附带权重',
  inUse: '使用中',
  use: '以此为起点',
  remove: '删除',
  removeTitle: (name) => `删除 ${name}？`,
  removeHelp: '其文件将被永久移除；曾经存在、由谁提供和选用的记录保留。',
  pretrain: '预训练',
  pretrainTitle: '用本任务的图像进行预训练？',
  pretrainHelp:
    '编码器仅从图像学习，无需阅片。测试患者的图像一概不用，因此现在就会确定每位患者所属的数据划分。在没有 GPU 的机器上需要一小时以上，其间训练任务排队等候。结果会列在这里，经您选择后才会使用。',
  pretraining: '正在用本任务的图像预训练',
  failed: (why) => `上一次预训练未产生权重：${why}`,
  images: (count) => `${count} 幅图像`,
  give: '提供权重',
  giveTitle: '提供已发表的权重',
  giveHelp: (most, staff) =>
    `safetensors 文件，张量名称与 torchvision 一致（torchvision 没有的 efficientnet_lite0 以 training/encoders_shapes.json 为准），最大 ${most} MB。${staff ? '' : '更大的文件仅限工作人员上传：请联系本系统的管理者。'}不接受 torch.save 文件（.pth、.bin）。`,
  tooLarge: (most) => `文件超过 ${most} MB。`,
  file: '文件',
  chooseFile: '选择文件',
  giveName: '名称',
  giveSource: '来源与许可',
  giveButton: '提供',
}
