import type { OpenCase } from './open'

/** Images of a case that cannot be shown, by their names, each with the reason. */
export type Gaps = Readonly<Record<string, string>>

/** One more image is missing: whoever reads without it must have seen that it is. */
export const withGap = (open: OpenCase, name: string, sentence: string): OpenCase =>
  name in open.gaps
    ? open
    : { ...open, gaps: { ...open.gaps, [name]: sentence }, gapsAccepted: false }

export const hasUnseenGaps = ({ gaps, gapsAccepted }: OpenCase): boolean =>
  Object.keys(gaps).length > 0 && !gapsAccepted
