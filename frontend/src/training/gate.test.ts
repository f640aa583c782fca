import { beforeEach, expect, test, vi } from 'vitest'
import type { Form } from '../api/forms'
import type { GateVerdict } from '../api/training'
import { nextOf } from '../reading/fixtures'

beforeEach(() => vi.resetModules())

const form: Form = nextOf(1).form
const passed = { metric: 'qwk', value: 0.874, low: 0.7, high: 0.951 }
const gate = (...slots: string[]): GateVerdict => ({
  passed: true,
  provisional: false,
  reason: 'First version: …',
  test_uses: 1,
  reasons: slots.map((slot) => ({
    slot,
    reason: `It passes in ${slot}.`,
    code: slot === 'kl' ? 'gate_first' : '',
    parameters: passed,
  })),
})

const speaking = (browser: string): Promise<typeof import('./gate')> => {
  vi.stubGlobal('navigator', { language: browser })
  return import('./gate')
}

test('a verdict is said in the language of the page, of several answers each by its name', async () => {
  const { gateText } = await speaking('zh-CN')
  const said = '首个版本：二次加权 κ 为 0.87（95 % 区间 0.70 至 0.95），高于随机水平。'
  expect(gateText(gate('kl'), form)).toBe(said)
  expect(gateText(gate('kl', 'odd'), form)).toMatch(/^[^：]+：首个版本.* odd：It passes in odd\.$/)
})

test("in English, and of versions without codes, the server's own words stand", async () => {
  const { gateText } = await speaking('en-GB')
  expect(gateText(gate('kl'), form)).toBe('It passes in kl.')
  expect(gateText({ ...gate(), reasons: undefined }, form)).toBe('First version: …')
  expect(gateText({ ...gate('odd'), answers: 2 }, form)).toBe('odd: It passes in odd.')
})
