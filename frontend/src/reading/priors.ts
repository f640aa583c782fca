import type { CaseImage, Prior, ReadingCase } from '../api/reading'
import { texts } from '../texts'
import type { Pane } from '../viewer'

/** A case with its priors fills no more panes than these. */
const MOST = 6

/** All that is looked at with a case: its own images first. */
export const imagesOf = (shown: ReadingCase): CaseImage[] => [
  ...shown.images,
  ...(shown.priors ?? []).flatMap((prior) => prior.images),
]

/** How the images of any study hang: reading/layout.ts. */
interface Hung {
  stacksOf: (images: readonly CaseImage[]) => CaseImage[][]
  labelOf: (stack: readonly CaseImage[]) => string
}

/** Panes for the priors of a case whose own images fill `today` panes: each view behind the one that it is compared with. */
export function priorPanes(
  shown: ReadingCase,
  today: readonly Pane[],
  { stacksOf, labelOf }: Hung,
): Pane[] {
  const priors = shown.priors ?? []
  const views = today.map(({ images }) => viewIn(images as readonly CaseImage[]))
  const each = Math.max(1, Math.floor((MOST - today.length) / Math.max(1, priors.length)))
  return priors.flatMap((prior) => {
    const stacks = stacksOf(prior.images)
    const place = (stack: readonly CaseImage[]): number => {
      const at = views.indexOf(viewIn(stack))
      return at < 0 ? views.length : at
    }
    const ordered = [...stacks].sort((one, other) => place(one) - place(other))
    // what has no pane left is scrolled to in the last
    const panes = [...ordered.slice(0, each - 1), ordered.slice(each - 1).flat()]
    return panes
      .filter((images) => images.length > 0)
      .map((images) => ({ label: told(prior, labelOf(images)), images, prior: true }))
  })
}

const viewIn = ([first]: readonly CaseImage[]): string => first?.plane || first?.view_position || ''

/** "Prior · 8 months before · archive date 2024-03-02 · PA" */
function told(prior: Prior, view: string): string {
  const { prior: words } = texts.viewer
  return [
    words.label,
    ...(prior.days_before === null ? [] : [words.before(...ago(prior.days_before))]),
    ...(prior.study_date ? [words.date(prior.study_date)] : []),
    ...(view ? [view] : []),
  ].join(' · ')
}

export type AgoUnit = 'day' | 'week' | 'month' | 'year'

/** So long ago as one says it: 5 days, 3 weeks, 8 months, 4 years. */
export function ago(days: number): [count: number, unit: AgoUnit] {
  if (days < 14) return [days, 'day']
  if (days < 60) return [Math.round(days / 7), 'week']
  const months = Math.round(days / 30.44)
  return months < 24 ? [months, 'month'] : [Math.round(days / 365.25), 'year']
}
