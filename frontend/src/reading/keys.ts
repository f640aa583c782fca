import { SEARCH } from '../kinds/choice'
import { texts } from '../texts'

const { keys: words } = texts

type Group = 'answer' | 'regions' | 'image' | 'page'

interface Binding {
  /** As `comboOf` spells them: KeyboardEvent.key, letters in lower case, "Shift+a". */
  keys: string[]
  group: Group
  does: string
  /** Stands in the bar below the image. */
  bar?: boolean
  /** Only where the case has a proposal: elsewhere nothing may hint at a model. */
  model?: boolean
  /** Goes on while the key is held down; the others must not submit ten cases. */
  repeats?: boolean
}

const answer = (keys: string[], does: string, more: Partial<Binding> = {}): Binding => ({
  keys,
  group: 'answer',
  does,
  ...more,
})
const region = (keys: string[], does: string): Binding => ({ keys, group: 'regions', does })
const image = (keys: string[], does: string, more: Partial<Binding> = {}): Binding => ({
  keys,
  group: 'image',
  does,
  ...more,
})

const BAR = { bar: true }
const HELD = { repeats: true }

/** Every command with the keys that it has until its reader gives it another; digits belong to the active question. */
const TABLE = {
  submit: answer(['Enter'], words.submit, BAR),
  notAssessable: answer(['n'], words.notAssessable, BAR),
  search: answer(['/'], words.search),
  undo: answer(['z'], words.undo, BAR),
  redo: answer(['Shift+z', 'y'], words.redo),
  skip: answer(['s'], words.skip, BAR),
  discuss: answer(['d'], words.discuss),
  previousField: answer(['k'], words.field),
  nextField: answer(['j'], words.field),
  acceptAll: answer(['a'], words.acceptAll, { bar: true, model: true }),
  accept: answer(['Shift+a'], words.accept, { model: true }),
  heat: answer(['v'], words.heat, { model: true }),
  hide: answer(['h'], words.hide, { bar: true, model: true }),
  draw: region(['b'], words.draw),
  nextItem: region(['e'], words.nextItem),
  previousItem: region(['Shift+e'], words.previousItem),
  remove: region(['Delete', 'Backspace', 'x'], words.remove),
  letGo: region(['Escape'], words.letGo),
  firstSlice: region(['<'], words.extent),
  lastSlice: region(['>'], words.extent),
  invert: image(['i'], words.invert, BAR),
  reset: image(['r'], words.reset, BAR),
  fit: image(['f'], words.fit),
  oneToOne: image(['o'], words.oneToOne),
  zoomIn: image(['+', '='], words.zoom, HELD),
  zoomOut: image(['-'], words.zoom, HELD),
  narrower: image(['['], words.window, HELD),
  wider: image([']'], words.window, HELD),
  brighter: image(['.'], words.level, HELD),
  darker: image([','], words.level, HELD),
  autoWindow: image(['w'], words.autoWindow),
  nextWindow: image(['q'], words.nextWindow),
  previousImage: image(['ArrowUp', 'PageUp'], words.image, HELD),
  nextImage: image(['ArrowDown', 'PageDown'], words.image, HELD),
  previousPane: image(['ArrowLeft'], words.pane),
  nextPane: image(['ArrowRight'], words.pane),
  maximise: image(['m'], words.maximise),
  priors: image(['c'], words.priors),
  reformat: image(['g'], words.reformat),
  play: image(['p'], words.play),
  rotate: image(['t'], words.rotate),
  flip: image(['Shift+t'], words.flip),
  left: image(['Shift+ArrowLeft'], words.pan, HELD),
  right: image(['Shift+ArrowRight'], words.pan, HELD),
  up: image(['Shift+ArrowUp'], words.pan, HELD),
  down: image(['Shift+ArrowDown'], words.pan, HELD),
  smallerBrush: image(['{'], words.brush, HELD),
  largerBrush: image(['}'], words.brush, HELD),
  help: { keys: ['?'], group: 'page', does: words.all, bar: true },
  settings: { keys: [';'], group: 'page', does: words.settings },
} satisfies Record<string, Binding>

export type Command = keyof typeof TABLE
export const COMMANDS: Readonly<Record<Command, Binding>> = TABLE
export const ALL = Object.keys(TABLE) as Command[]

/** A reader's own keys, by command; one that is not named keeps its keys. */
export type OwnKeys = Readonly<Record<string, string>>

export const keysOf = (command: Command, own: OwnKeys): string[] => {
  const chosen = own[command]
  if (chosen) return [chosen]
  const taken = new Set(Object.values(own))
  return COMMANDS[command].keys.filter((key) => !taken.has(key))
}

export const commandFor = (combo: string, own: OwnKeys): Command | null =>
  ALL.find((command) => keysOf(command, own).includes(combo)) ?? null

interface Pressed {
  key: string
  code?: string
  shiftKey: boolean
}

/** What was pressed: "a", "Shift+a", "?", "PageUp". */
export function comboOf({ key, shiftKey }: Pressed): string {
  const lower = key.length === 1 ? key.toLowerCase() : key
  // a sign has its shift key in it already: "?" is no "Shift+?"
  const sign = key.length === 1 && lower === key.toUpperCase()
  return shiftKey && !sign ? `Shift+${lower}` : lower
}

/** The digit of a shifted digit key, whatever sign that key writes: "⇧1". */
export const shiftedDigit = ({ key, code, shiftKey }: Pressed): string | null =>
  shiftKey && code?.startsWith('Digit') && !/^\d$/.test(key) ? `⇧${code.slice(5)}` : null

/** Digits answer, the space bar pans, Tab moves the focus: these stay what they are. */
export const mayBeBound = (combo: string): boolean =>
  !/^(\d|⇧.| |(Shift\+)?(Tab|Shift|Control|Alt|Meta|CapsLock|Dead|Unidentified|Process))$/.test(
    combo,
  )

/** A key for a command; the command that had it gets the other's in exchange, so that each has one. */
export function rebound(own: OwnKeys, command: Command, combo: string): OwnKeys {
  const before = keysOf(command, own)[0]
  const other = commandFor(combo, own)
  const exchanged = other && other !== command && before ? { [other]: before } : {}
  return { ...own, ...exchanged, [command]: combo }
}

const NAMES: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  Delete: 'Del',
  Backspace: '⌫',
  Escape: 'Esc',
  '-': '−',
}

/** A key as it is printed: "A", "⇧A", "PgUp". */
export function keyText(combo: string): string {
  const shifted = combo.startsWith('Shift+')
  const key = shifted ? combo.slice(6) : combo
  return `${shifted ? '⇧' : ''}${NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)}`
}

/** The first key of a command, as it is printed; '' where it has none. */
export const printed = (command: Command, own: OwnKeys): string =>
  keyText(keysOf(command, own)[0] ?? '')

export interface KeyLine {
  keys: string[]
  does: string
  bar?: boolean
  model?: boolean
}

interface KeyGroup {
  title: string
  lines: KeyLine[]
}

function linesOf(group: Group, own: OwnKeys): KeyLine[] {
  const lines: KeyLine[] = []
  for (const command of ALL) {
    const { does, bar, model, group: its } = COMMANDS[command]
    if (its !== group) continue
    const keys = keysOf(command, own).map(keyText)
    const line = lines.find((one) => one.does === does)
    if (line) line.keys.push(...keys)
    else lines.push({ keys, does, bar, model })
  }
  return lines
}

/** The keys in force. `digits`: those of the active question, as "0-4". */
export function keyGroups(digits: string, own: OwnKeys): Record<Group, KeyGroup> {
  const group = (name: Group, before: KeyLine[] = [], after: KeyLine[] = []): KeyGroup => ({
    title: words.groups[name],
    lines: [...before, ...linesOf(name, own), ...after],
  })
  const answers = digits.replace(SEARCH, printed('search', own))
  return {
    answer: group('answer', [{ keys: [answers], does: words.answer, bar: true }]),
    regions: group('regions'),
    image: group('image', [], [{ keys: [words.space], does: words.panDrag }]),
    page: group('page'),
  }
}
