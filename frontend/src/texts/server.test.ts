import { beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => vi.resetModules())

const speaking = (browser: string): Promise<typeof import('./server')> => {
  vi.stubGlobal('navigator', { language: browser })
  return import('./server')
}
const refused = {
  slots: { kl: 'Choose a grade from 0 to 4.', box: 'Box 2: it lies outside.', odd: 'Odd.' },
  reasons: {
    kl: { code: 'choose_grade', parameters: { low: 0, high: 4 } },
    box: { code: 'outside_image', parameters: { item: 2, columns: 2000, rows: 2500 } },
    odd: { code: 'constructor' },
  },
}

test("it says the server's sentences in Chinese by their codes, and what it does not know as they are", async () => {
  const { serverSaid, slotsSaid } = await speaking('zh-CN')
  expect(serverSaid({ code: 'too_large', parameters: { most_mb: 2 } }, 'Too large.')).toBe(
    '单次请求最多 2 MB，请减少发送内容。',
  )
  expect(serverSaid({ code: 'newer' }, 'A new sentence.')).toBe('A new sentence.')
  expect(slotsSaid(refused)).toEqual({
    kl: '请选择 0 至 4 级。',
    box: '第 2 项：超出了 2000 × 2500 像素的图像。',
    odd: 'Odd.',
  })
})

test("in English the server's own words stand", async () => {
  const { serverSaid, slotsSaid } = await speaking('en-GB')
  expect(serverSaid({ code: 'stale' }, 'Changed.')).toBe('Changed.')
  expect(slotsSaid(refused)).toEqual(refused.slots)
})

test('a sentence within another one is said in Chinese as well, or stands as it is', async () => {
  const { serverSaid } = await speaking('zh-CN')
  const trigger = { sentence: '7 new references', code: 'new_references', parameters: { new: 7 } }
  const said = (of: unknown) =>
    serverSaid({ code: 'run_under_way', parameters: { run: 3, trigger: of } }, 'Run 3 …')
  expect(said(trigger)).toBe('训练 3 正在进行：新增 7 例参考标注。')
  expect(said({ sentence: 'A test' })).toBe('训练 3 正在进行：A test。')
})

test('a verdict of the gate in the log names each answer', async () => {
  const { serverSaid } = await speaking('zh-CN')
  const reason = (slot: string, code: string) => ({
    slot,
    reason: 'Few.',
    code,
    parameters: { patients: 3 },
  })
  const reasons = [reason('kl', 'gate_few'), reason('jsn', '')]
  expect(serverSaid({ code: 'gate_said', parameters: { reasons } }, 'Gate: …')).toBe(
    '准入：kl：测试集患者过少，无法评判：还需阅读 3 名患者。 jsn：Few.',
  )
})

test('what was stored before there were codes stands as it is', async () => {
  const { serverSaid } = await speaking('zh-CN')
  for (const none of [undefined, null, {}]) expect(serverSaid(none, 'Old.')).toBe('Old.')
})
