import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { texts } from '../texts'
import { submitFrom } from './commands'
import { forget, Server, settle, two } from './fixtures'
import { Kept } from './kept'
import { ReadingSession } from './session'

test('no read goes out while a number stands there that is no answer', async () => {
  forget()
  const server = new Server(5)
  const session = new ReadingSession(1, server.port(), new Kept(1, 'tab'))
  await session.start()
  await settle()
  session.pixels(1, 'painted')
  session.answer('kl', { state: 'answered', value: 2 })
  const typed = document.body.appendChild(document.createElement('input'))
  typed.dataset.number = ''
  typed.setAttribute('aria-invalid', 'true')

  submitFrom(session)
  submitFrom(session, () => session.acceptAll())
  await settle()

  expect(server.submitted(1)).toEqual([])
  expect(session.snapshot().current?.notice).toBe(texts.kinds.unfit)
  expect(document.activeElement).toBe(typed)
  typed.remove()
  submitFrom(session)
  await settle()
  expect(server.submitted(1)).toEqual([two])
  session.stop()
})
