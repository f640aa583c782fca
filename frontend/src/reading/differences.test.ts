import { expect, test } from 'vitest'
import type { Item } from '../api/forms'
import { texts } from '../texts'
import { differences } from './differences'
import { nextOf } from './fixtures'
import { box, fracture } from './fracture'

const said = (...value: Item[]) => ({ boxes: { state: 'answered' as const, value } })
const mine = (...items: Item[]) => ({ ...fracture(), answers: said(...items) })
const theirs = (...items: Item[]) => ({ ...nextOf(1).annotation, answers: said(...items) })

test('two texts with as many boxes are told apart by where they lie and what was said of them', () => {
  const [both, own] = [box('r1'), box('r2', { attributes: { bone: 'radius' } })]
  const other = box('r2', { box: [10, 20, 110.4, 221] })
  expect(differences(mine(both, own), theirs(both, other))).toEqual([
    {
      label: 'Where',
      mine: 'PA · Radius · 10, 20 – 110, 220',
      theirs: 'PA · 10, 20 – 110, 221',
    },
  ])
})

test('what one text has besides is named there alone, and what both have nowhere', () => {
  const [found] = differences(mine(box('r1')), theirs(box('r1'), box('r2'), box('r3')))
  expect(found?.mine).toBe(texts.losses.nothingElse)
  expect(found?.theirs.split('\n')).toHaveLength(2)
  expect(differences(mine(box('r1')), theirs(box('r1')))).toEqual([])
})
