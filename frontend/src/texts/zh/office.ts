import type { Texts } from '..'

export const office: Texts['office'] = {
  product: 'Osteon',
  tasks: '任务',
  data: '影像',
  jobs: '后台作业',
  signOut: '退出登录',
  retry: '重试',
  close: '关闭',
  cancel: '取消',
  more: '显示更多',
  failed: '载入失败',
  nowhere: '页面不存在',
  nowhereHelp: '地址可能有误，或其内容已不存在。',
  toTasks: '前往任务',
  loading: '正在载入',
  none: '–',
  told: (what, says) => `${what}：${says}`,
  language: '语言',
  main: '主导航',
}
