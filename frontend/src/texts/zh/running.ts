import type { Parameters, Say } from '../server'
import { tasks } from './tasks'
import { training } from './training'

const SPLITS: Record<string, string> = { train: '训练集', tune: '调优集', test: '锁定测试集' }

const split = (of: unknown): string => SPLITS[String(of)] ?? String(of)
const listed = (of: unknown): string => [of].flat().map(String).join('、')
const speed = (of: unknown): string => (of === 'full' ? tasks.full : tasks.fast)
/** 自模型 3 以来 */
const since = ({ model, run, state }: Parameters): string => {
  if (model !== undefined) return `自模型 ${model} 以来`
  if (run === undefined) return ''
  return `自训练 ${run}（${training.states[String(state)] ?? state}）以来`
}
const reached: Say = ({ reached: text }, inner) => (text ? `最后的进度：“${inner(text)}”。` : '')

interface Verdict {
  slot: string
  reason: string
}

/** What jobs and trainings say of themselves, and why one does not start, by code. */
export const running: Record<string, Say> = {
  // jobs
  searching_text: ({ done, of }) => `正在查找图像中的文字：${done} / ${of} 幅`,
  text_detector_missing: () =>
    '缺少文字检测模型；请安装 rapidocr-onnxruntime 1.4.4，或设置 OSTEON_CHECK_TEXT=0。',
  files_done: ({ done, of }) => `${done} / ${of} 个文件`,
  files_searched: ({ files, done, of }) => `${files} 个文件；正在像素中查找姓名：${done} / ${of}`,
  delivery_cancelled: ({ done, of }) => `处理 ${done} / ${of} 个文件后取消；已接收的内容保留。`,
  disk_full: ({ done, of }) => `磁盘已满。已处理 ${done} / ${of} 个文件；腾出空间后请重新启动。`,
  looking_at_arrivals: () => '正在查看新到的内容',
  writing_snapshot: ({ snapshot }) => `正在写出快照 ${snapshot}`,
  reading_files: ({ files }) => `正在读取 ${files} 个文件`,
  loading_model: ({ model }) => `正在载入模型 ${model}`,
  cases_done: ({ done, of }) => `${done} / ${of} 例`,
  ordering: () => '正在排列工作列表',
  heatmaps_drawn: ({ done, of }) => `热图：${done} / ${of} 例`,
  comparing: () => '正在比较两个模型',
  no_model: () => '该任务尚无使用中的模型：模型从最初的阅片中学习，或由管理员设定。',
  case_gone: () => '该病例已不存在，或没有可用的模型。',
  case_unreadable: ({ why }) => `该病例没有可读取的图像。${why}`,
  tried: ({ why, attempt, of }, inner) => `${inner(why)}（第 ${attempt} / ${of} 次尝试）`,
  worker_lost: (given, inner) =>
    `工作进程在执行中丢失${Number(given.attempts) > 1 ? ` ${given.attempts} 次` : ''}，因此不再尝试；通常是内存不足或机器重启所致。${reached(given, inner)}`,
  worker_lost_at_last: (given, inner) =>
    `工作进程在第 ${given.attempts} 次（最后一次）尝试中丢失。${reached(given, inner)}此前：${inner(given.before)}`,
  worker_stopped: () => '原工作进程已停止，等待另一进程继续',

  // a training while it runs
  attempt: ({ attempt, of }) => `第 ${attempt} / ${of} 次尝试。`,
  within_stage: ({ stage, of, text }, inner) => `第 ${stage} / ${of} 阶段：${inner(text)}`,
  from_whole_images: () => '从整幅图像学习。',
  from_crops: ({ field }) => `从 ${field} 周围的裁剪图学习。`,
  snapshot_read: ({ snapshot, cases }) => `快照 ${snapshot}：${cases} 例用于学习和测试。`,
  images_prepared: ({ done, of }) => `已准备 ${done} / ${of} 幅图像`,
  marks_weighed: ({ done, of }) => `已权衡 ${done} / ${of} 幅图像的标记`,
  maps_made: ({ done, of }) => `已生成 ${done} / ${of} 幅图像的特征图`,
  images_kept: ({ done, of }) => `新编码器已处理 ${done} / ${of} 幅图像`,
  images_tested: ({ done, of }) => `已预测 ${done} / ${of} 幅测试图像`,
  fitting_places: () => '正在拟合图像上的位置',
  fitting: () => '正在将回答拟合到图像',
  fitting_slot: ({ slot }) => `正在拟合 ${slot}。`,
  epoch_of: ({ epoch, epochs }) => `第 ${epoch} / ${epochs} 轮`,
  epoch_ended: ({ epoch, loss, tune }) => `第 ${epoch} 轮：损失 ${loss}，调优指标 ${tune}。`,
  batches_halved: () => '内存装不下批次的一部分：此后每部分再分两半处理。',
  calibrating: () => '正在校准回答',
  refitting: () => '正在重新拟合各回答的输出层',
  judging: () => '正在用锁定测试集评判',
  judged: () => '已用锁定测试集评判',
  test_counts: ({ slot, cases, patients }) =>
    `锁定测试集，${slot}：${patients} 名患者的 ${cases} 例。`,
  gate_said: ({ reasons }, inner) => {
    const said = reasons as Verdict[]
    const each = said.map((one) => {
      const sentence = inner({ ...one, sentence: one.reason })
      return said.length > 1 ? `${one.slot}：${sentence}` : sentence
    })
    return `准入：${each.join(' ')}`
  },
  crops_unplaced: ({ field }) => `尚未从裁剪图学习：标出位置（${field}）的病例太少。`,
  crops_unlearned: ({ why }, inner) => `尚未从裁剪图学习：${inner(why)}`,
  pass_of: ({ number, passes }) => `预训练，第 ${number} / ${passes} 遍`,
  pass_ended: ({ number, likeness, spread }) =>
    `第 ${number} 遍：同一图像两个视图的相似度 ${likeness}，嵌入的离散度为开始时的 ${spread}。`,

  // why it started, or did not
  new_references: (given) => `${since(given)}新增 ${given.new} 例参考标注`,
  waits_for_references: (given) => `${since(given)}新增 ${given.new} / ${given.of} 例参考标注。`,
  asked_for: ({ who }) => `由 ${who} 启动`,
  first_of_the_demo: () => '演示的首个模型',
  simulated: ({ labels }) => `${labels} 例标注后的模拟`,
  started_from_shell: () => '由命令行启动',
  run_started: ({ speed: how, trigger }, inner) => `已启动${speed(how)}训练：${inner(trigger)}。`,
  run_under_way: ({ run, trigger }, inner) => `训练 ${run} 正在进行：${inner(trigger)}。`,
  run_still_under_way: ({ run }) => `训练 ${run} 仍在进行；请等待其结束，或先将其取消。`,
  nothing_new: ({ model }) => `模型 ${model} 训练之后没有新的回答；现在训练只会得到相同的模型。`,
  same_model: ({ model }) => `此次训练用相同病例再次得到模型 ${model}；锁定测试集不计为再次使用。`,
  retraining_off: () => '自动训练已关闭。',
  nothing_to_learn: ({ kinds }) =>
    `此表单尚无可学习的内容：模型可学习的字段类型为 ${listed(kinds)}，而表单中没有。阅片结果会保留，并可导出。`,
  too_little_to_learn: ({ least, least_different, answered, different }) =>
    `训练至少需要 ${least} 例已回答且有 ${least_different} 种不同答案的病例；锁定测试集之外现有 ${answered} 例、${different} 种答案。`,
  no_fast_run: () =>
    '快速训练将回答拟合到本任务自己的体数据网络所见，而该网络尚不存在：请先启动一次完整训练，并将其模型投入使用。',
  no_weights_of_volumes: () =>
    '本任务以体数据读取病例：其小型网络在完整训练中从零学习，没有适用的权重。',
  starts_from_nothing: () => '无：完整训练从随机数开始',
  unknown_network: ({ network, known }) =>
    `表单所写的编码器为 ${network}；可用的有 ${listed(known)}。`,
  network_without_weights: ({ network, default: usual }) =>
    `表单所写的编码器为 ${network}，平台未附带其权重：请在“模型”页的“起始权重”下以 safetensors 提供，或在模板中改为 ${usual}。`,
  pretraining_under_way: () => '预训练仍在进行；请等待其结束，或先将其取消。',
  few_to_pretrain: ({ cases, least }) => `锁定测试集之外有 ${cases} 例；预训练需要 ${least} 例。`,
  pretrained_on: ({ images }) => `用 ${images} 幅图像预训练`,
  pretrained_from: ({ before }, inner) =>
    `SimSiam，用本任务的图像，不含任何测试患者；起始于${inner(before)}`,

  // why one failed
  task_without_form: () => '该任务没有表单。',
  no_field_learnable: ({ kinds }) => `此表单没有可学习的字段；可学习的类型为 ${listed(kinds)}。`,
  few_labelled: ({ least }) => `任何字段的标注都不足 ${least} 例；训练前请阅读更多病例。`,
  one_answer_only: () => '用于学习的病例中，没有一个字段有两种不同答案；请先阅读更多病例。',
  case_twice: ({ case: name }) => `病例 ${name} 在数据中出现两次；请只保留一次。`,
  patient_in_two_splits: ({ patient, other, split: own }) =>
    `患者 ${patient} 同时在${split(other)}和${split(own)}中；同一患者的所有病例必须在同一划分中。`,
  case_without_image: ({ case: name }) => `病例 ${name} 没有图像；请移除该病例或其阅片。`,
  other_images_than_frozen: ({ case: name, snapshot }) =>
    `病例 ${name} 的图像与快照 ${snapshot} 冻结时不同。`,
  image_in_two_splits: ({ case: name, split: own, other }) =>
    `病例 ${name} 的图像（${split(own)}）也在${split(other)}中：测试集的指标将毫无意义。请移除其中一例或其阅片。`,
  test_image_unreadable: ({ why }) => `有一幅测试图像无法读取：${why}`,
  few_images_read: ({ images }) => `只能读取 ${images} 幅图像；太少，无法学习。`,
  loss_no_number: ({ loss, epoch, step }) =>
    `第 ${epoch} 轮第 ${step} 步的损失变为 ${loss}：训练已停止。请降低学习率，或检查病例中是否有损坏的图像。`,
  loss_no_number_after: ({ epoch }) =>
    `第 ${epoch} 轮之后损失不再是数字：训练已停止。请降低学习率，或检查病例中是否有损坏的图像。`,
  pretraining_loss_no_number: ({ loss, step, steps }) =>
    `第 ${step} / ${steps} 步的损失变为 ${loss}：预训练已停止。请检查病例中是否有损坏的图像。`,
  pretraining_collapsed: ({ step, steps }) =>
    `第 ${step} / ${steps} 步之后，所有图像的嵌入几乎相同：已坍缩，无法再区分任何内容。可能是不同的图像太少；任务保留原有起点。`,
  memory_too_small: () =>
    '批次一部分的一半也装不进内存：请为机器增加内存，或在模板的 [training] 中减小尺寸、批次或图像数。',
  cards_drifted: () =>
    '各显卡上的权重不再一致：训练已停止。请重新启动；若再次发生，请只用一块显卡。',
  embedding_not_finite: () => '有一个嵌入不是有限数：编码器的权重或某幅图像已损坏。',
  checkpoint_lacks: ({ folder, parts }) =>
    `${folder} 中的检查点缺少 ${listed(parts)}：此训练无法继续。请启动新的训练。`,
  checkpoint_of_another: ({ path }) =>
    `检查点 ${path} 是用其他数据或设置生成的，可能来自较早的版本；请重新启动此训练。`,
  weights_missing: ({ sha256, folder }) => `权重文件 ${sha256}… 不在 ${folder} 中。`,
  current_weights_lost: ({ model, why }, inner) =>
    `当前模型 ${model} 无法使用：${inner(why)}请从备份恢复该文件，或将另一个版本设为当前。若都不可行，管理员可删除此版本，下一次训练将产生首个版本。`,
  weights_changed: ({ sha256 }) => `权重文件 ${sha256}… 在存储后被更改：其 SHA-256 不符。`,
  weights_unusable: ({ why }) => `权重无法使用：${why}`,
  stored_weights_unusable: ({ why }) => `已存储的权重无法使用：${why}`,
  stored_weights_differ: () =>
    '已存储的权重与训练所得模型的回答不一致；未保留任何内容。请重新训练。',
  no_published_weights: ({ network }) => `平台未附带 ${network} 的权重。`,

  // what may not be done with a model or with weights
  not_promoted: ({ model, why }, inner) => `模型 ${model} 未设为当前：${inner(why)}`,
  weights_deleted: () => '其权重已删除。',
  gate_refused: () => '未通过准入检验。',
  never_evaluated: () => '从未在锁定测试集上评估。',
  never_passed: () => '从未通过准入检验。',
  model_deleted_before: ({ model }) => `模型 ${model} 此前已删除。`,
  model_is_current: ({ model }) => `模型 ${model} 是当前模型；请先将另一个设为当前。`,
  run_holds_models: ({ run }) => `训练 ${run} 正在进行；请在其结束后删除该模型。`,
  became_current: ({ model }) => `模型 ${model} 成为当前模型。`,
  in_place_of: ({ model }) => `取代模型 ${model}。`,
  compared_with_itself: () => '模型不能与自身比较；请选择两个。',
  nothing_to_compare: ({ model }) => `模型 ${model} 没有可供比较的测试病例。`,
  start_in_use: ({ name }) => `本任务的训练以 ${name} 为起点；请先选择另一个起点。`,
  run_holds_start: ({ run, name }) =>
    `训练 ${run} 正在进行，并以 ${name} 为起点；请在其结束后删除。`,
  pretraining_holds_start: ({ name }) =>
    `有一次预训练正在进行，并以 ${name} 为起点；请在其结束后删除。`,
  model_holds_start: ({ model, name }) =>
    `模型 ${model} 由 ${name} 得来；在没有模型引用它之前不能删除。`,
}
