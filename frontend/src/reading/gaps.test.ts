import { expect, test } from 'vitest'
import { texts } from '../texts'
import { nextOf } from './fixtures'
import { withGap } from './gaps'
import { submitObstacle } from './obstacle'
import { answered, openCase } from './open'

const painted = { ...openCase(nextOf(1)), pixels: 'painted' as const }
const read = answered(painted, 'kl', { state: 'answered', value: 2 })

test('a case with a missing image is submitted only once the reader said that it will do', () => {
  const open = withGap(read, 'image 5 of 20', 'It is torn.')
  expect(submitObstacle(open)).toBe(texts.losses.gapsFirst)
  expect(submitObstacle({ ...open, gapsAccepted: true })).toBeNull()
})

test('another image that is missing is said anew, the same one is not', () => {
  const accepted = { ...withGap(read, 'image 5 of 20', 'It is torn.'), gapsAccepted: true }
  expect(submitObstacle(withGap(accepted, 'image 5 of 20', 'It is torn.'))).toBeNull()
  expect(submitObstacle(withGap(accepted, 'image 6 of 20', 'It is torn.'))).not.toBeNull()
})
