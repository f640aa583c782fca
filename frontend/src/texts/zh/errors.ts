import type { Texts } from '..'

export const errors: Texts['errors'] = {
  unreachable: '无法连接服务器。',
  signedOut: '登录已失效。请在另一个标签页重新登录，然后在此继续。',
  notAllowed: '此账号无权执行该操作。',
  notFound: '内容不存在，或此账号无权查看。',
  tooLarge: '单次上传过大，请减少文件数量。',
  notUnderstood: '无法识别服务器的答复。',
  server: (status) => `服务器未能完成操作（${status}），请稍后重试。`,
  refused: (status) => `服务器未接受该请求（${status}）。`,
  page: '页面出错',
  pageHelp: '已标为“已保存”的内容均安全。请重新载入页面。',
}
