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
  failed: '无法显示该图像。',
  graphicsLost: '本机图形系统已停止。请重试；已保存的内容不受影响。',
}
