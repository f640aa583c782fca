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
