import type { Training } from '../api/training'
import { texts } from '../texts'

const words = texts.training

/** What more references change by themselves, or a run does; with any other reason none starts, however many come. */
const PASSING = ['waits_for_references', 'run_under_way', 'run_still_under_way', 'run_started']
const OFF = 'retraining_off'

/** What the next training takes: that something is mended, an admin, or so many references more. */
export type Next = 'held' | 'off' | 'references'

export function nextOf({ decision, retrain_every: every }: Training): Next {
  const { code } = decision?.reason_said ?? {}
  if (code && ![...PASSING, OFF].includes(String(code))) return 'held'
  return every === 0 ? 'off' : 'references'
}

/** How many are missing until one starts by itself. */
const missing = ({ retrain_every: every, new_references: fresh }: Training): number =>
  Math.max(0, every - fresh)

/** As a title over the reason. */
export function nextTitle(training: Training): string {
  const next = nextOf(training)
  if (next !== 'references') return words[next]
  return missing(training) ? words.moreReads(missing(training)) : words.soon
}

/** Beside the reason: empty where that says it all. */
export function firstText(training: Training): string {
  const next = nextOf(training)
  if (next === 'held') return ''
  return next === 'off' ? words.firstByHand : words.runsEmptyHelp(missing(training))
}

/** With the numbers. */
export function countedText(training: Training): string {
  const next = nextOf(training)
  if (next !== 'references') return words[next]
  return texts.tasks.nextAfter(training.new_references, training.retrain_every)
}
