import type { Hanging, PaneRule } from '../api/forms'
import type { CaseImage, ReadingCase } from '../api/reading'
import { texts } from '../texts'
import type { Layout, Pane } from '../viewer'
import { priorPanes } from './priors'

/** So many panes can be looked at side by side; what is left over is stacked in the last. */
const MOST = 4
/** Rows and columns for so many panes. */
const GRIDS: Record<number, readonly [rows: number, columns: number]> = {
  1: [1, 1],
  2: [1, 2],
  3: [1, 3],
  4: [2, 2],
  5: [2, 3],
  6: [2, 3],
}
/** Whose images say by themselves how they lie in the patient; all others are radiographs. */
const SLICED = new Set(['MR', 'CT', 'PT', 'NM'])

/** How the images of a case hang: by the form's rules, each rule in its pane, the rest behind it in their order. */
export function layoutOf(shown: ReadingCase, hanging: Hanging): Layout {
  const left = new Set(shown.images)
  const ruled = (hanging.panes ?? []).flatMap((rule): Pane[] => {
    const images = bestFor(rule, [...left])
    for (const image of images) left.delete(image)
    return images.length ? [{ label: rule.label ?? labelOf(images), images }] : []
  })
  const rest = stacksOf([...left]).map((images) => ({ label: labelOf(images), images }))
  const today = fewer([...ruled, ...rest], mostOf(hanging))
  const priors = priorPanes(shown, today, { stacksOf, labelOf })
  const [rows, columns] = gridFor(today.length, hanging)
  const [allRows, allColumns] = gridFor(today.length + priors.length, hanging)
  return {
    rows: allRows,
    columns: allColumns,
    panes: [...today.map((pane) => named(pane, today.length, priors.length)), ...priors],
    today: { rows, columns },
    linkScroll: hanging.link_scroll ?? true,
    referenceLines: hanging.reference_lines ?? true,
    lockFlip: hanging.lock_flip ?? true,
    windows: hanging.windows ?? [],
  }
}

/** What a single pane shows stands above it; beside priors it is said which are of today. */
function named(pane: Pane, panes: number, priors: number): Pane {
  if (priors > 0)
    return { ...pane, label: [texts.viewer.prior.current, pane.label].filter(Boolean).join(' · ') }
  return panes > 1 ? pane : { ...pane, label: '' }
}

/** All images of one series that a rule fits; of several such series the first. */
function bestFor(rule: PaneRule, images: readonly CaseImage[]): CaseImage[] {
  const fitting = images.filter((image) => fits(rule, image))
  return stacksOf(fitting)[0] ?? []
}

function fits(rule: PaneRule, image: CaseImage): boolean {
  const words = (rule.description ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const described = (image.series_description ?? '').toLowerCase()
  return (
    (!rule.view || rule.view === image.view_position) &&
    (!rule.plane || rule.plane === image.plane) &&
    (!rule.modality || rule.modality === image.modality) &&
    words.every((word) => described.includes(word))
  )
}

/** A series of slices is one stack; each radiograph hangs by itself. */
function stacksOf(images: readonly CaseImage[]): CaseImage[][] {
  const stacks = new Map<string, CaseImage[]>()
  for (const image of images) {
    const sliced = image.plane !== '' || SLICED.has(image.modality)
    const key = sliced ? image.series_instance_uid : image.sop_instance_uid
    stacks.set(key, [...(stacks.get(key) ?? []), image])
  }
  return [...stacks.values()]
}

/** "PA", "sagittal · PD FS": what tells one pane from the other. */
function labelOf([first]: readonly CaseImage[]): string {
  if (!first) return ''
  if (!first.plane) return first.view_position
  const plane = texts.viewer.planes[first.plane]
  const described = first.series_description
  const told = described.toLowerCase().includes(plane)
  return told ? described : [plane, described].filter(Boolean).join(' · ')
}

function mostOf({ layout }: Hanging): number {
  const [rows, columns] = (layout ?? 'auto').split('x').map(Number)
  return rows && columns ? rows * columns : MOST
}

/** What has no pane of its own is scrolled to in the last. */
function fewer(panes: readonly Pane[], most: number): Pane[] {
  if (panes.length <= most) return [...panes]
  const behind = panes.slice(most - 1)
  const images = behind.flatMap((pane) => pane.images)
  return [...panes.slice(0, most - 1), { label: behind[0]?.label ?? '', images }]
}

function gridFor(panes: number, { layout }: Hanging): readonly [number, number] {
  const [rows, columns] = (layout ?? 'auto').split('x').map(Number)
  const fixed = rows && columns && panes === rows * columns
  return fixed ? [rows, columns] : (GRIDS[Math.max(1, panes)] ?? [1, 1])
}
