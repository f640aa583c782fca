import type { Parameters, Say } from '../server'
import { models } from './models'
import { refusals } from './refusals'
import { running } from './running'
import { training } from './training'

const ROLES: Record<string, string> = { reader: '阅片者', adjudicator: '仲裁者', admin: '管理员' }
const SIDES: Record<string, string> = { R: '右', L: '左', B: '双侧' }

const sides = (of: unknown): string => SIDES[String(of)] ?? String(of)
const listed = (of: unknown): string => [of].flat().map(String).join('、')

const number = (of: unknown, digits = 2): string => Number(of).toFixed(digits)
const signed = (of: unknown): string =>
  `${Number(of) < 0 ? '−' : '+'}${Math.abs(Number(of)).toFixed(3)}`
const figure = (metric: unknown): string => training.figures[String(metric)] ?? String(metric)

/** AUC 0.80（95 % 区间 0.64 至 0.93） */
const measured = ({ metric, value, low, high }: Parameters): string =>
  `${figure(metric)} 为 ${number(value)}（95 % 区间 ${number(low)} 至 ${number(high)}）`
const changed = ({ metric, value, low, high }: Parameters): string =>
  `${figure(metric)} 较当前版本 ${signed(value)}（95 % 区间 ${signed(low)} 至 ${signed(high)}）`

interface Group {
  by: 'sex' | 'manufacturer' | 'reader'
  value: string
  patients: number
  difference: number
  highest: number
}

/** 第 2 项：…… */
const ofItem =
  (say: Say): Say =>
  (given, inner) =>
    given.item === undefined ? say(given, inner) : `第 ${given.item} 项：${say(given, inner)}`

/** The server's sentences by their code; English ones come from itself. */
export const server: Record<string, Say> = {
  ...running,
  ...refusals,
  signed_out: () => '请先登录。',
  csrf_failed: () => '会话已在另一个标签页更换，请重新载入页面。',
  not_allowed: () => '此账号无权执行该操作。',
  role_missing: ({ role }) => `该任务中需要“${ROLES[String(role)] ?? role}”角色。`,
  not_found: () => '内容不存在，或此账号无权查看。',
  no_task: () => '没有这个任务。',
  no_annotation: () => '没有这条标注。',
  not_understood: () => '无法识别该请求。',
  cursor_not_understood: () => '无法识别列表的位置，请从头开始。',
  too_large: ({ most_mb }) => `单次请求最多 ${most_mb} MB，请减少发送内容。`,
  too_many_requests: ({ wait }) =>
    wait ? `请求过于频繁，请在 ${wait} 秒后重试。` : '请求过于频繁，请稍后重试。',
  database_away: () => '数据库暂时没有响应，请稍后重试。',
  stale: () => '载入本页后，这些回答已在别处更改；请选择保留哪一份。',
  submitted: () => '该病例已提交。',
  skipped: () => '该病例已跳过。',
  draft: () => '该次阅片尚未提交，请直接提交而不是修订。',
  lease_lost: () => '您对该病例的占用已到期，现由他人接手。您的回答已保留。',
  no_form: () => '该任务尚无表单，请先发布。',
  task_name_taken: ({ name }) => `已有名为“${name}”的任务，请另取一个名称。`,
  key_reused: () => '该幂等键已用于另一个请求，请更换。',
  key_missing: ({ longest }) => `请发送 1 至 ${longest} 个字符的 Idempotency-Key。`,
  reason_missing: () => '请说明修订原因。',
  answers_refused: () => '有回答未被接受，请见表单中的说明。',
  side_unclear: () => '请先确认这是哪一侧。',
  not_answered: () => '请回答，或标为“无法评估”。',
  closed: () => '在当前回答下不询问此项，请取消该回答。',
  no_such_slot: () => '表单中没有此项。',
  choose_grade: ofItem(({ low, high }) => `请选择 ${low} 至 ${high} 级。`),
  choose_presence: ofItem(() => '请选择一个给出的回答。'),
  choose_one: ofItem(() => '请从选项中选择一项。'),
  choose_any: ofItem(() => '请从选项中选择，每项一次。'),
  choose_some: ofItem(() => '请至少选择一项。'),
  number_range: ofItem(({ minimum, maximum }) => `请填写 ${minimum} 至 ${maximum} 之间的数。`),
  number_step: ofItem(({ step, minimum }) => `请从 ${minimum} 起，以 ${step} 为步长填写。`),
  too_many: ({ most }) => `最多 ${most} 项，请删除一些。`,
  too_few: ({ least }) => `请至少标出 ${least} 项。`,
  no_area: ofItem(() => '所画区域没有面积。'),
  points_equal: ofItem(() => '其中两点重合。'),
  image_not_of_case: ofItem(() => '其图像不属于该病例，请删除。'),
  no_such_frame: ofItem(({ frames, frame }) => `其图像共 ${frames} 帧，没有第 ${frame} 帧。`),
  wrong_view: ofItem(({ views, view }) => `只能标在 ${listed(views)} 位上，而此图像为 ${view}。`),
  outside_image: ofItem(({ columns, rows }) => `超出了 ${columns} × ${rows} 像素的图像。`),
  extent_reversed: ofItem(() => '末层在首层之前。'),
  extent_two_series: ofItem(() => '首层与末层不在同一序列。'),
  extent_without_own: ofItem(() => '所标范围未包含画框所在的层面；请重新标记首层和末层。'),
  mask_size: ofItem(() => '掩膜与图像大小不符。'),
  mask_too_large: ({ runs, most }) =>
    `掩膜共有 ${runs} 段像素，最多 ${most} 段；请使轮廓平滑或去除斑点。`,
  attribute_missing: ofItem(() => '还有一个问题未回答。'),
  gate_not_evaluated: () => '锁定测试集尚无可供评判的参考标注；请先阅读一些测试病例。',
  gate_lost: () => '当前版本可回答此项，而新版本不能。',
  gate_no_case: ({ patients }) => `测试集尚无标注病例；需要 ${patients} 名患者。`,
  gate_few: ({ patients }) => `测试集患者过少，无法评判：还需阅读 ${patients} 名患者。`,
  gate_rare: ({ metric }) => `测试患者中某一答案过少，无法得出${figure(metric)}。`,
  gate_undefined: ({ metric }) => `测试病例的答案全都相同，${figure(metric)} 无定义。`,
  gate_first: (given) => `首个版本：${measured(given)}，高于随机水平。`,
  cases_unread: ({ cases, test }) =>
    `无法读取而未使用的病例：${cases} 个，其中 ${test} 个属于锁定测试集。`,
  same_pixels_other_answers: ({ cases }) =>
    `与另一病例像素相同但答案不同的病例：${cases} 个；以其中第一个为准。`,
  test_learned_before: ({ cases }) =>
    `锁定测试集中未使用的病例：${cases} 个，其像素曾以另一患者的名义被先前版本学习。`,
  test_image_of_current_unreadable: () =>
    '当前版本所读的某测试病例图像与新版本不同，且无法读取，两者无法比较。请更换图像或删除该阅片。',
  gate_other_answers: (given) =>
    `首个版本：${measured(given)}，高于随机水平。此项的答案选项与当前版本所学的不同，无法比较，由管理员决定。`,
  gate_first_unproven: (given) =>
    `首个版本：${measured(given)}，尚未显示高于随机水平；需要更多标注。`,
  gate_better: (given) => `更好：${changed(given)}。`,
  gate_not_worse: (given) => `不差于当前版本：${changed(given)}。`,
  gate_worse: (given) => `差于当前版本：${changed(given)}；保留当前版本。`,
  gate_not_shown: (given) => `未显示同样好：${changed(given)}；保留当前版本。`,
  gate_likely: (given) =>
    `很可能不差于当前版本：${changed(given)}；测试集过小，不足以显示 ${number(given.margin)} 的差异，因此为暂定结果。`,
  gate_small: (given) =>
    `未显示同样好：${changed(given)}；测试集过小，不足以显示 ${number(given.margin)} 的差异，保留当前版本。`,
  gate_worse_groups: ({ metric, groups }) =>
    `部分患者的结果差于当前版本：${(groups as Group[])
      .map(
        ({ by, value, patients, difference, highest }) =>
          `${models.by[by]} ${value}（${patients} 名患者）${figure(metric)} ${signed(difference)}，至多 ${signed(highest)}`,
      )
      .join('；')}；保留当前版本。`,
  side_conflict: () => '各来源的侧别互相矛盾，请先确认这是哪一侧。',
  side_answer: ({ answered, settled }) =>
    `此回答为${sides(answered)}侧，而病例为${sides(settled)}侧，请确认哪一个正确。`,
}
