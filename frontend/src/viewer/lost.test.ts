import { expect, test } from 'vitest'
import { Lost, unlessAllLost } from './lost'

const shown = Promise.resolve()
const lost = (sentence: string): Promise<void> => Promise.reject(new Lost(sentence))

test('a case stays readable while one of its panes shows something', async () => {
  await unlessAllLost([lost('torn'), shown])
})

test('nothing that can be shown is a failure, with the first reason', async () => {
  await expect(unlessAllLost([lost('torn'), lost('cut')])).rejects.toThrow('torn')
})

test('a trouble of the network or the graphics is never taken for a lost image', async () => {
  const offline = Promise.reject(new Error('offline'))
  await expect(unlessAllLost([lost('torn'), offline, shown])).rejects.toThrow('offline')
})
