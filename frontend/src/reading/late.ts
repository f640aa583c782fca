import { ApiError } from '../api/http'
import type { ShownPrediction } from '../api/reading'
import type { OpenCase } from './open'

interface Asks {
  /** Has a case predicted; the job that does it, null where it was done already. */
  predict: (caseId: number) => Promise<number | null>
  /** What the reader may see of the model at his read now; nothing of the slots that he has begun. */
  prediction: (annotation: number, begun: string[]) => Promise<ShownPrediction | null>
  /** The case at hand. */
  current: () => OpenCase | null
  offer: (annotation: number, prediction: ShownPrediction) => void
}

/**
 * A case that came to hand without a prediction (a new upload, a model just promoted) gets one while it is read.
 * Whether the reader may see it is the server's word: in the unassisted arm all of this happens alike, and nothing comes.
 */
export class Late {
  private readonly asked = new Set<number>()
  private waiting: { job: number; annotation: number } | null = null
  private noModel = false

  constructor(private readonly asks: Asks) {}

  /** The case at hand changed: asked once for each that lacks a prediction, after its image is painted. */
  look(): void {
    const open = this.asks.current()
    if (!open || this.noModel || !lacks(open) || open.pixels !== 'painted') return
    const { id, case: caseId } = open.next.annotation
    if (this.asked.has(id)) return
    this.asked.add(id)
    this.asks.predict(caseId).then(
      (job) => {
        if (job === null) void this.fetch(id)
        else this.waiting = { job, annotation: id }
      },
      (error: unknown) => {
        // until there is one, no case of the task can be predicted
        if (error instanceof ApiError && error.code === 'no_model') this.noModel = true
      },
    )
  }

  /** Something became of a job. */
  jobChanged(job: number | null): void {
    if (this.waiting && this.waiting.job === job) void this.fetch(this.waiting.annotation)
  }

  /** A version was promoted, or events were missed. */
  again(): void {
    this.noModel = false
    this.asked.clear()
    this.look()
  }

  private async fetch(annotation: number): Promise<void> {
    const open = this.asks.current()
    if (open?.next.annotation.id !== annotation || !lacks(open)) return
    const told = await this.asks.prediction(annotation, begunIn(open)).catch(() => null)
    if (!told) return
    this.waiting = null
    this.asks.offer(annotation, told)
  }
}

const lacks = ({ next, away }: OpenCase): boolean =>
  next.annotation.state === 'draft' && !next.prediction && !away

export const begunIn = ({ answers }: OpenCase): string[] =>
  Object.keys(answers).filter((slot) => answers[slot]?.state !== 'not_asked')
