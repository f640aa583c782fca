import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const speak = (chosen: string): void => {
  // biome-ignore lint/suspicious/noDocumentCookie: as the page does
  document.cookie = `osteon_language=${chosen}; path=/`
}

beforeEach(() => {
  vi.resetModules()
  speak('; max-age=0')
})
afterEach(() => vi.unstubAllGlobals())

const speaking = async (browser: string): Promise<typeof import('.').texts> => {
  vi.stubGlobal('navigator', { language: browser })
  return (await import('.')).texts
}

test("it speaks the browser's language, and English where it has no other", async () => {
  expect((await speaking('zh-CN')).reading.sides.R).toBe('右')
  vi.resetModules()
  expect((await speaking('fr-FR')).reading.sides.R).toBe('RIGHT')
})

test("the user's own choice counts more", async () => {
  speak('en')
  expect((await speaking('zh-CN')).reading.sides.R).toBe('RIGHT')
})

test('it counts and tells the time as the language does', async () => {
  speak('zh-hans')
  const { duration } = await import('../format')
  expect([40, 180, 4800, 7200].map(duration)).toEqual([
    '40 秒',
    '3 分钟',
    '1 小时 20 分钟',
    '2 小时',
  ])
})

test('every sentence stands in both languages', async () => {
  const [{ en }, { zh }] = await Promise.all([import('./en'), import('./zh')])
  expect(keysOf(zh)).toEqual(keysOf(en))
})

/** The paths of all sentences; the tables keyed by a code of the server are typed as open, so tsc does not compare them. */
function keysOf(of: object, path = ''): string[] {
  return Object.entries(of)
    .flatMap(([key, value]) =>
      value && typeof value === 'object' ? keysOf(value, `${path}${key}.`) : [`${path}${key}`],
    )
    .sort()
}
