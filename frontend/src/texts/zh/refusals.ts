import type { Say } from '../server'

const SIDES: Record<string, string> = { R: '右', L: '左' }
const listed = (of: unknown): string => [of].flat().map(String).join('、')
/** a、b 等共 7 个 */
const some = ({ tensors, more }: Readonly<Record<string, unknown>>): string => {
  const named = listed(tensors)
  return Number(more) > 0 ? `${named} 等共 ${[tensors].flat().length + Number(more)} 个` : named
}
const names = (network: unknown): string =>
  network === 'efficientnet_lite0'
    ? 'torchvision 没有该网络，名称须与 training/encoders_shapes.json 一致。'
    : '名称须与 torchvision 中该网络的文件一致。'

/** Why a file that somebody sent is not taken, by code. */
export const refusals: Record<string, Say> = {
  // weights that an admin gives
  weights_too_large: ({ most_mb }) => `文件超过 ${most_mb} MB；这里的网络都没有这么大。`,
  weights_too_short: () => '文件过短，不是 safetensors；是否已完整发送？',
  weights_pickled: ({ how }) =>
    `这是 torch.save 文件，打开时可能运行程序，因此不接受。请在您信任的环境中转换：${how}。`,
  weights_header_too_long: ({ bytes, most }) =>
    `文件声称其头部有 ${bytes} 字节，超过上限 ${most}：不是 safetensors 文件，或已损坏。`,
  weights_not_whole: ({ why }) => `文件不完整，或不是 safetensors 文件：${why}。`,
  weights_lack_tensors: (given) =>
    `缺少 ${given.network} 的张量：${some(given)}。${names(given.network)}`,
  weights_of_another: (given) =>
    `含有 ${given.network} 没有的张量：${some(given)}。${names(given.network)}`,
  weights_shapes: (given) =>
    `张量形状与 ${given.network} 不符：${some(given)}。${names(given.network)}`,
  weights_type: ({ tensor, type }) => `${tensor} 的类型为 ${type}；只接受 F32、F16 和 BF16。`,
  weights_not_finite: ({ tensor }) => `${tensor} 含有非有限数：文件已损坏。`,

  // images from outside
  outside_no_file: () => '没有收到文件；请将每个 DICOM 文件作为 multipart/form-data 的一部分发送。',
  outside_many_files: ({ most }) => `一次最多接受 ${most} 个文件。`,
  outside_too_large: ({ most_mb }) => `一次最多接受 ${most_mb} MB。`,
  outside_many_waiting: ({ most }) => `您已有 ${most} 个请求在等待；请待其完成后再发送。`,
  outside_cancelled: () => '该请求已取消。',
  outside_gone: () => '所发送的文件已不存在，请重新发送。',
  outside_no_model: () => '该任务已没有使用中的模型。',
  outside_picture: ({ number }) =>
    `第 ${number} 个文件是 PNG 或 JPEG 图片；此处只接受 DICOM，请导出为 DICOM。`,
  outside_file: ({ number, why }, inner) => `第 ${number} 个文件${inner(why)}`,
  outside_undecodable: ({ number, why }) => `第 ${number} 个文件的像素无法解码：${why}`,
  outside_modality: ({ number, modality, wanted }) =>
    `第 ${number} 个文件的设备类型为 ${modality || '未知'}；本任务的图像为 ${listed(wanted)}。`,
  outside_body_part: ({ number, part, wanted }) =>
    `第 ${number} 个文件显示的是其他部位${part ? `（${part}）` : ''}；本任务的图像部位为 ${listed(wanted)}。`,
  outside_several_patients: () => '文件来自多名患者；请一次只发送一个病例的文件。',
  outside_two_sides: () => '文件同时包含左侧和右侧；请一次只发送一侧的文件。',
  outside_other_side: ({ side, laterality }) =>
    `文件写明为${SIDES[String(side)]}侧，而 laterality=${laterality} 与之不符；请去掉该参数，或发送正确的文件。`,
  outside_without_side: () =>
    '模型会将左侧图像镜像，而文件未写明是哪一侧；请同时发送 laterality=L 或 laterality=R。',
  outside_nothing_seen: () => '所发送图像的像素全部相同，没有可看的内容；请重新导出图像。',
  outside_no_volume: ({ why }, inner) => `所发送的图像不能构成可读取的容积：${inner(why)}`,
  stack_one_slice: () => '只有一层。',
  stack_without_places: () => '未写明每一层的位置。',
  stack_sizes: () => '各层大小不同。',
  stack_orientations: () => '各层方向不同。',
  stack_same_place: () => '有多层位于同一位置。',
  stack_shifted: () => '各层彼此错开。',
  stack_gap: ({ after, mm, usual_mm }) =>
    `有间断：第 ${after} 层与第 ${Number(after) + 1} 层相距 ${mm} mm，其余为 ${usual_mm} mm。`,

  // a file that cannot be read, after its number: platform/archive/refused.py
  file_empty: () => '没有任何字节；请重新发送。',
  file_too_large: () => '超过可接受的大小。',
  file_not_dicom: () => '既不是 DICOM，也不是图片。',
  file_dicomdir: () => '是目录文件（DICOMDIR）；请发送其旁的文件。',
  file_no_transfer_syntax: () => '未写明传输语法 (0002,0010)。',
  file_unknown_transfer_syntax: () => '所写的传输语法 (0002,0010) 不属于 DICOM。',
  file_unsupported_transfer_syntax: () => '所用的传输语法不被接受。',
  file_inflates_too_far: () => '解压后超过上限。',
  file_cut_off: () => '末尾缺少字节；请完整地重新发送。',
  file_damaged: () => '已损坏，无法读取；请从来源重新发送。',
  file_too_deep: () => '序列嵌套过深。',
  file_too_many_elements: () => '所含元素过多。',
  file_no_image: () => '没有像素数据：是报告、计划或其他内容。',
  file_float_pixels: () => '的像素为浮点数，不被接受。',
  file_unsupported_pixels: () => '的像素格式不被接受。',
  file_no_pixels: () => '的像素数据为空。',
  file_missing_attribute: () => '缺少图像所必需的属性；请重新导出。',
  file_bad_attribute: () => '有一个属性的值不可能成立；请重新导出。',
  file_too_many_pixels: () => '的像素数超过上限。',
  file_contradiction: () => '的头部与像素互相矛盾；请重新导出。',
  file_undecodable: () => '的压缩像素无法解码；请重新导出。',
  file_too_costly_memory: () => '读取所需内存过多：已损坏，或有意为害。',
  file_too_costly_time: () => '读取耗时过长：已损坏，或有意为害。',
}
