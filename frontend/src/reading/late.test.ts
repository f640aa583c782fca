import 'fake-indexeddb/auto'
import { beforeEach, expect, test } from 'vitest'
import { ApiError } from '../api/http'
import type { ShownPrediction } from '../api/reading'
import { forget, nextOf, Server, settle } from './fixtures'
import { Kept } from './kept'
import { Late } from './late'
import { type OpenCase, openCase } from './open'
import { ReadingSession } from './session'

const said: ShownPrediction = {
  model: { id: 4, number: 4 },
  slots: { kl: { kind: 'grade', value: 2, probabilities: [0, 0, 1, 0, 0] } },
}

let open: OpenCase
let calls: string[]
let ready: ShownPrediction | null
let job: number | null | ApiError
let late: Late

const painted = (change: Partial<OpenCase> = {}): OpenCase => ({
  ...openCase({ ...nextOf(1), prediction: null }),
  pixels: 'painted',
  ...change,
})

beforeEach(() => {
  open = painted()
  calls = []
  ready = null
  job = 9
  late = new Late({
    predict: async (of) => {
      calls.push(`predict ${of}`)
      if (job instanceof ApiError) throw job
      return job
    },
    prediction: async (annotation, begun) => {
      calls.push(`prediction ${annotation} ${begun}`)
      return ready
    },
    current: () => open,
    offer: (annotation, { model }) => calls.push(`offer ${annotation} of ${model.number}`),
  })
})

test('a painted case without a prediction is asked for once, and offered by the event of its job', async () => {
  late.look()
  late.look()
  await settle()
  late.jobChanged(8)
  late.jobChanged(9)
  await settle()
  ready = said
  late.jobChanged(9)
  await settle()
  late.jobChanged(9)
  await settle()
  const { id, case: caseId } = open.next.annotation
  const [asked, told] = [`predict ${caseId}`, `prediction ${id} `]
  expect(calls).toEqual([asked, told, told, `offer ${id} of 4`])
})

test('one that was predicted already is fetched at once, with what the reader has begun', async () => {
  job = null
  ready = said
  open = painted({
    answers: { kl: { state: 'answered', value: 3 }, other: { state: 'not_asked' } },
  })
  late.look()
  await settle()
  expect(calls[1]).toBe(`prediction ${open.next.annotation.id} kl`)
})

test('nothing is asked of what is not painted, shown already, submitted or in another tab', () => {
  for (const one of [
    painted({ pixels: 'loading' }),
    painted({ next: nextOf(1) }),
    painted({ away: 'elsewhere' }),
    painted({ next: { ...nextOf(1, { ...nextOf(1).annotation, state: 'submitted' }) } }),
  ]) {
    open = one
    late.look()
  }
  expect(calls).toEqual([])
})

test('without a model it asks no more until one is promoted', async () => {
  job = new ApiError(409, 'No model.', { code: 'no_model' })
  late.look()
  await settle()
  open = painted({ next: { ...nextOf(2), prediction: null } })
  late.look()
  await settle()
  expect(calls).toHaveLength(1)
  job = 9
  late.again()
  await settle()
  expect(calls).toHaveLength(2)
})

test('what the reader answered while it came stays alone', async () => {
  forget()
  const port = new Server(3).port()
  const unpredicted = async (...of: Parameters<typeof port.next>) => {
    const next = await port.next(...of)
    return next && { ...next, prediction: null }
  }
  const session = new ReadingSession(1, { ...port, next: unpredicted }, new Kept(1, 'tab'))
  const shown = () => session.snapshot().current?.next.prediction
  await session.start()
  session.pixels(1, 'painted')
  await settle()
  session.answer('kl', { state: 'answered', value: 3 })

  session.offer(1, said)
  expect(shown()).toBeNull()
  const { kl } = said.slots
  if (kl) session.offer(1, { ...said, slots: { kl, other: kl } })
  expect(Object.keys(shown()?.slots ?? {})).toEqual(['other'])
  session.offer(1, { ...said, model: { id: 5, number: 5 } })
  expect(shown()?.model.number).toBe(4)
  session.stop()
})
