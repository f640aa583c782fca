import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { maskLayer } from './paint'

/** What was put on a canvas last: happy-dom has none that draws. */
class Sheet {
  words: readonly number[] = []

  getContext() {
    return { putImageData: ({ data }: Picture) => this.put(data) }
  }

  private put(data: Uint8ClampedArray): void {
    this.words = [...new Uint32Array(data.buffer)]
  }
}

class Picture {
  readonly data: Uint8ClampedArray

  constructor(width: number, height: number) {
    this.data = new Uint8ClampedArray(4 * width * height)
  }
}

beforeEach(() => {
  vi.stubGlobal('OffscreenCanvas', Sheet)
  vi.stubGlobal('ImageData', Picture)
})

afterEach(() => vi.unstubAllGlobals())

const wordsOf = (runs: readonly number[], by: 'reader' | 'model'): number[] => [
  ...(maskLayer(runs, 8, 2, by).picture as unknown as Sheet).words,
]

/** Which pixels are painted at all. */
const inked = (words: readonly number[]): string => words.map((word) => (word ? 'x' : '.')).join('')

test('a mask that the reader took from the model is full and of his colour, with the same runs', () => {
  const runs = [0, 7, 9, 4]
  const [models, readers] = [wordsOf(runs, 'model'), wordsOf(runs, 'reader')]
  expect(inked(readers)).toBe('xxxxxxx..xxxx...')
  expect(inked(models)).toBe('xx..xx.....xx...')
  expect(readers[0]).not.toBe(models[0])
  expect(maskLayer(runs, 8, 2, 'model')).toBe(maskLayer(runs, 8, 2, 'model'))
})
