import type { Affine } from './affine'
import type { Vector } from './planes'

/** Of the patient's directions those that increase, and their opposites: PS3.3 C.7.6.1.1.1. */
const LETTERS = ['L', 'P', 'H'] as const
const OPPOSITES: Record<string, string> = { L: 'R', R: 'L', P: 'A', A: 'P', H: 'F', F: 'H' }
/** A second letter only where the direction is clearly oblique. */
const OBLIQUE = 0.3

/** Towards which side of the patient a direction leads: "L", "PH". */
export function lettersOf(direction: Vector): string {
  return direction
    .map((value, axis) => ({ value, letter: LETTERS[axis] ?? '' }))
    .filter(({ value }) => Math.abs(value) > OBLIQUE)
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value))
    .slice(0, 2)
    .map(({ value, letter }) => (value > 0 ? letter : opposite(letter)))
    .join('')
}

export const opposite = (letters: string): string =>
  [...letters].map((letter) => OPPOSITES[letter] ?? '').join('')

export interface Edges {
  left: string
  right: string
  top: string
  bottom: string
}

/** What stands at the edges of the screen, however the image is turned or mirrored there. */
export function edges(alongRow: string, alongColumn: string, [a, b, c, d]: Affine): Edges {
  const turned = Math.abs(b) > Math.abs(a)
  const [across, acrossSign] = turned ? [alongColumn, c] : [alongRow, a]
  const [down, downSign] = turned ? [alongRow, b] : [alongColumn, d]
  const right = acrossSign > 0 ? across : opposite(across)
  const bottom = downSign > 0 ? down : opposite(down)
  return { left: opposite(right), right, top: opposite(bottom), bottom }
}
