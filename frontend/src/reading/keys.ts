import { texts } from '../texts'

export type Command =
  | 'submit'
  | 'accept'
  | 'invert'
  | 'reset'
  | 'hide'
  | 'undo'
  | 'skip'
  | 'discuss'
  | 'fit'
  | 'oneToOne'
  | 'zoomIn'
  | 'zoomOut'
  | 'narrower'
  | 'wider'
  | 'brighter'
  | 'darker'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'previousImage'
  | 'nextImage'
  | 'previousField'
  | 'nextField'
  | 'help'

/** By KeyboardEvent.key, letters in lower case. Digits and N belong to the active field. */
const COMMANDS: Record<string, Command> = {
  Enter: 'submit',
  a: 'accept',
  i: 'invert',
  r: 'reset',
  h: 'hide',
  z: 'undo',
  s: 'skip',
  d: 'discuss',
  f: 'fit',
  o: 'oneToOne',
  '+': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomOut',
  '[': 'narrower',
  ']': 'wider',
  ',': 'darker',
  '.': 'brighter',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'previousImage',
  PageDown: 'nextImage',
  j: 'nextField',
  k: 'previousField',
  '?': 'help',
}

export const commandFor = (key: string): Command | null =>
  COMMANDS[key.length === 1 ? key.toLowerCase() : key] ?? null

export interface KeyLine {
  keys: string[]
  does: string
  /** Stands in the bar below the image. */
  bar?: boolean
  /** Only where the case has a proposal: elsewhere nothing may hint at a model. */
  model?: boolean
}

const { keys } = texts

export interface KeyGroup {
  title: string
  lines: KeyLine[]
}

/** `digits`: the keys of the active field, as "0-4". */
export const keyGroups = (digits: string): Record<'answer' | 'image' | 'page', KeyGroup> => ({
  answer: {
    title: keys.groups.answer,
    lines: [
      { keys: [digits], does: keys.grade, bar: true },
      { keys: ['N'], does: keys.notAssessable, bar: true },
      { keys: ['Enter'], does: keys.submit, bar: true },
      { keys: ['Z'], does: keys.undo, bar: true },
      { keys: ['S'], does: keys.skip, bar: true },
      { keys: ['D'], does: keys.discuss },
      { keys: ['K', 'J'], does: keys.field },
      { keys: ['A'], does: keys.accept, bar: true, model: true },
      { keys: ['H'], does: keys.hide, bar: true, model: true },
    ],
  },
  image: {
    title: keys.groups.image,
    lines: [
      { keys: ['I'], does: keys.invert, bar: true },
      { keys: ['R'], does: keys.reset, bar: true },
      { keys: ['F'], does: keys.fit },
      { keys: ['O'], does: keys.oneToOne },
      { keys: ['+', '−'], does: keys.zoom },
      { keys: ['[', ']'], does: keys.window },
      { keys: ['.', ','], does: keys.level },
      { keys: ['←', '→', '↑', '↓'], does: keys.pan },
      { keys: ['Space'], does: keys.panDrag },
      { keys: ['PgUp', 'PgDn'], does: keys.image },
    ],
  },
  page: { title: keys.groups.page, lines: [{ keys: ['?'], does: keys.all, bar: true }] },
})
