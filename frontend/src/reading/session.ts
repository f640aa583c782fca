import type { Annotation, AnswerBody, ShownPrediction } from '../api/reading'
import { asSubmitted } from '../kinds/slots'
import { texts } from '../texts'
import { Edits } from './edits'
import { withGap } from './gaps'
import { begunIn } from './late'
import { stopped } from './obstacle'
import { type OpenCase, type PixelState, resolved } from './open'
import { counted } from './state'
import { sameText } from './text'

/** One tab's reading of one task: the case at hand, the one ahead, and what is on its way to the server. */
export class ReadingSession extends Edits {
  // --- what the reader does ------------------------------------------------------------------

  protected edit(change: (open: OpenCase) => OpenCase): void {
    const { current } = this.state
    if (!current) return
    const next = change(current)
    if (next === current) return
    const same = next.answers === current.answers && next.side === current.side
    if (current.away && !same) {
      this.change({ ...current, notice: texts.losses.onlyShown })
      return
    }
    this.change(next)
    if (same) return
    this.keep(next)
    if (!next.conflict) this.saver?.changed()
  }

  /** The server's word on a flag for discussion. */
  flagged({ id, flagged, flag_note }: Annotation): void {
    this.update(id, (held) => ({
      ...held,
      next: { ...held.next, annotation: { ...held.next.annotation, flagged, flag_note } },
    }))
  }

  resolve(choice: 'mine' | 'theirs'): void {
    const { current } = this.state
    if (!current?.conflict || current.away) return
    const settled = resolved(current, choice)
    this.saver = current.next.annotation.state === 'draft' ? this.saverFor(settled) : null
    this.change(settled)
    if (choice === 'mine') this.keep(settled)
    else void this.kept.dropDraft(current.next.annotation.id)
    if (choice === 'mine') this.saver?.changed()
  }

  pixels(annotation: number, pixels: PixelState, sentence: string | null = null): void {
    const { current } = this.state
    if (current?.next.annotation.id !== annotation) return
    const ofPixels: (string | null)[] = [
      texts.reading.waitForPixels,
      texts.reading.noPixelsNoSubmit,
    ]
    const notice = ofPixels.includes(current.notice) ? null : current.notice
    this.change({ ...current, pixels, pixelsSentence: sentence, notice })
    // Not before: fetching the case ahead must not slow down the painting of this one.
    if (pixels !== 'loading') void this.fetch()
  }

  /** What the model says of the case at hand came while it was read; what was answered meanwhile stays alone. */
  offer(annotation: number, prediction: ShownPrediction): void {
    const { current } = this.state
    if (current?.next.annotation.id !== annotation || current.next.prediction) return
    const begun = new Set(begunIn(current))
    const slots = Object.fromEntries(
      Object.entries(prediction.slots).filter(([slot]) => !begun.has(slot)),
    )
    if (Object.keys(slots).length === 0) return
    this.change({ ...current, next: { ...current.next, prediction: { ...prediction, slots } } })
  }

  /** An image of the case cannot be shown. */
  gap(annotation: number, name: string, sentence: string): void {
    const { current } = this.state
    if (current?.next.annotation.id === annotation) this.change(withGap(current, name, sentence))
  }

  acceptGaps(): void {
    const { current } = this.state
    if (current) this.change({ ...current, gapsAccepted: true, notice: null })
  }

  /**
   * Sends the case at hand and shows the next one at once; of a read that was submitted before, asks for the reason.
   * False when something is still missing.
   */
  submit(): boolean {
    const { current, progress } = this.state
    if (!current) return false
    const amends = current.next.annotation.state === 'submitted'
    const obstacle = stopped(current) ?? (amends ? unchanged(current) : null)
    if (obstacle) {
      this.change(obstacle)
      return false
    }
    if (amends) {
      this.set({ asking: true })
      return false
    }
    this.set({ progress: counted(progress, 1) })
    this.dispatch(current, 'submit', this.readOf(current))
    return true
  }

  /** Why a submitted read changes; null when the reader thinks better of it. */
  amend(reason: string | null): void {
    const { current } = this.state
    this.set({ asking: false })
    if (current && reason && !current.away)
      this.dispatch(current, 'amend', { ...this.readOf(current), reason })
  }

  /** What is sent of a finished read: closed questions were not asked. */
  private readOf(open: OpenCase): AnswerBody {
    return { ...this.bodyOf(open), answers: asSubmitted(open.next.form, open.answers) }
  }

  skip(reason: string): void {
    const { current } = this.state
    if (current?.next.annotation.state === 'draft' && !current.away)
      this.dispatch(current, 'skip', { reason })
  }
}

/** The case with the sentence that nothing was amended yet; null where something was. */
const unchanged = (open: OpenCase): OpenCase | null =>
  sameText(open, open.next.annotation) ? { ...open, notice: texts.losses.nothingChanged } : null
