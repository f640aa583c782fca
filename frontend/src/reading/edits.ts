import type { Answer, AnswerValue, Item, Place } from '../api/forms'
import type { RegionShape } from '../viewer'
import { accepted, acceptedAll, acceptedItem, contradiction } from './accept'
import {
  added,
  attributed,
  changedItem,
  extended,
  measured,
  removedItem,
  selectedItem,
  slotOfItem,
  steppedItem,
} from './items'
import { unseen } from './obstacle'
import { answered, type OpenCase, redone, settledAs, undone } from './open'
import { Reopening } from './reopening'
import type { Side } from './side'
import { armedWith, focused, keyed, movedBy, painting, unassessable } from './stops'

/** Everything that a reader does to the case at hand; what it comes to is written in open.ts, items.ts, accept.ts. */
export abstract class Edits extends Reopening {
  protected abstract edit(change: (open: OpenCase) => OpenCase): void
  abstract submit(): boolean

  /** What key or mouse do to the answers, once the image is painted; before, they do nothing and it says why. */
  private seen(change: (open: OpenCase) => OpenCase): void {
    this.edit((open) => {
      const notice = unseen(open)
      return notice ? { ...open, notice } : change(open)
    })
  }

  answer(slot: string, answer: Answer): void {
    this.seen((open) => answered(open, slot, answer))
  }

  /** A digit for the question that has the keys; false where it means nothing there. */
  key(key: string): boolean {
    let taken = true
    this.seen((open) => {
      const next = keyed(open, key)
      taken = next !== null
      return next ?? open
    })
    return taken
  }

  settle(side: Side): void {
    this.seen((open) => settledAs(open, side))
  }

  notAssessable(): void {
    this.seen(unassessable)
  }

  undo(): void {
    this.edit(undone)
  }

  redo(): void {
    this.edit(redone)
  }

  accept(): void {
    this.seen(accepted)
  }

  /** Takes all that the model proposes and goes on; but never past an answer of the reader's own that says otherwise. */
  acceptAll(): void {
    const { current } = this.snapshot()
    if (!current?.next.prediction) return
    const otherwise = contradiction(current)
    this.seen(acceptedAll)
    if (!otherwise) this.submit()
  }

  say(sentence: string): void {
    this.edit((open) => ({ ...open, notice: sentence }))
  }

  acceptItem(id: string): void {
    this.seen((open) => acceptedItem(open, id))
  }

  focusSlot(slot: string): void {
    this.edit((open) => focused(open, slot))
  }

  moveField(by: number): void {
    this.edit((open) => movedBy(open, by))
  }

  focusAttribute(attribute: string): void {
    this.edit((open) => ({ ...open, attribute }))
  }

  addItem(slot: string, item: Item): void {
    this.seen((open) => added(open, slot, item))
  }

  changeItem(slot: string, id: string, patch: Partial<Item>): void {
    this.seen((open) => changedItem(open, slot, id, patch))
  }

  measureItem(id: string, patch: Partial<Item>): void {
    this.edit((open) => measured(open, id, patch))
  }

  removeItem(slot: string, id: string): void {
    this.seen((open) => removedItem(open, slot, id))
  }

  removeSelected(): void {
    this.seen((open) => {
      const at = open.item === null ? undefined : slotOfItem(open, open.item)
      return at && open.item ? removedItem(open, at.slot, open.item) : open
    })
  }

  selectItem(id: string | null): void {
    this.edit((open) => selectedItem(open, id))
  }

  stepItem(by: number): void {
    this.edit((open) => steppedItem(open, by))
  }

  attributeItem(id: string, key: string, value: AnswerValue | null): void {
    this.seen((open) => attributed(open, id, key, value))
  }

  extendItem(id: string, end: 'first' | 'last', place: Place): void {
    this.seen((open) => extended(open, id, end, place))
  }

  paintSegment(slot: string, segment: string): void {
    this.edit((open) => painting(open, slot, segment))
  }

  arm(slot?: string, shape?: RegionShape): void {
    this.edit((open) => armedWith(open, slot, shape))
  }

  /** Puts the tool away, or else lets go of the selected region. */
  letGo(): void {
    this.edit((open) => (open.armed ? { ...open, armed: false } : selectedItem(open, null)))
  }
}
