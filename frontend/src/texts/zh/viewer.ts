import type { Texts } from '..'

export const viewer: Texts['viewer'] = {
  noMetadata: '影像库中没有该图像的描述信息。',
  gone: '影像库中已没有该图像。',
  notAllowed: '此账号无权查看该图像，或登录已失效。',
  serverFailed: (status) => `影像库未能发送该图像（${status}）。`,
  unreachable: '无法连接影像库。',
  silent: '影像库两次均无答复，请稍后重试。',
  notDrawn: '本机图形系统未能绘制该图像，请重试。',
  undecodable: (why) => `无法显示该图像：${why}`,
  gap: (at, of, why) => (of > 1 ? `第 ${at} 幅（共 ${of} 幅）缺失。${why}` : why),
  failed: '无法显示该图像。',
  tooLarge: (columns, rows, most) =>
    `该图像为 ${columns} × ${rows} 像素，而本机图形处理器每边最多显示 ${most} 像素。请换一台机器阅片，或跳过。`,
  graphicsLost: '本机图形系统已停止。请重试；已保存的内容不受影响。',
  auto: '自动',
  planes: { sagittal: '矢状位', coronal: '冠状位', axial: '轴位' },
  window: (number) => `窗 ${number}`,
  table: (number) => `查找表 ${number}`,
  image: '图像',
  prior: {
    label: '既往',
    current: '本次',
    before: (count, unit) =>
      count === 0
        ? '同日较早'
        : `${count} ${{ day: '天', week: '周', month: '个月', year: '年' }[unit]}前`,
    date: (iso) => `存档日期 ${iso}`,
    none: '此病例旁没有既往图像。',
    loading: '载入中',
  },
  reformat: {
    label: (plane) => `${plane}重建 · 请在左侧标注`,
    loading: (slice, slices) => `已载入 ${slice} / ${slices} 层`,
    refused: {
      colour: '彩色图像不作重建。',
      few: '层数太少：其他平面至少需要 8 层的序列。',
      unplaced: '并非每层都注明在患者体内的位置：无法重建其他平面。',
      spaces: '这些层没有共同的参照系：无法重建其他平面。',
      turned: '这些层并不平行：无法重建其他平面。',
      sizes: '这些层大小不一：无法重建其他平面。',
      twice: '有多层位于同一位置：无法重建其他平面。',
      gap: '中间缺少一层：其他平面会错误地填补缺口。',
      uneven: '这些层间距不等：无法重建其他平面。',
      sheared: '这些层相互错开（机架倾斜）：无法重建其他平面。',
      large: (columns, rows, slices) =>
        `${columns} × ${rows} × ${slices} 体素超过本页可重建的大小。`,
    },
  },
  tools: {
    all: '图像工具',
    auto: '按图像内容调窗',
    window: '文件的下一个窗',
    magnify: '放大镜',
    rotate: '旋转 90°',
    flip: '左右镜像',
    noFlip: 'X 线片不可镜像',
    length: '测量长度',
    angle: '测量角度',
    play: '连续播放各层',
    stop: '停止',
    priors: {
      none: '此病例旁没有既往图像。',
      shown: '不显示既往图像',
      hidden: '并列显示既往图像',
    },
    reformat: '此容积的另外两个平面，仅供观察：请在采集层面上标注',
    acquired: '仅显示采集层面',
    onePane: '仅此窗格',
    allPanes: '全部窗格',
  },
}
