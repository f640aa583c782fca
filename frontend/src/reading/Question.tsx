import { type ReactNode, useEffect, useRef } from 'react'
import type { Answer, Field } from '../api/forms'
import type { SlotPrediction } from '../api/reading'
import { chanceText } from '../geometry/zoom'
import { type ItemsHand, isRegion } from '../kinds/items'
import { linkOf, type Slot } from '../kinds/slots'
import { kindOf } from '../kinds/table'
import type { Look } from '../kinds/types'
import { labelOf, siteText } from '../kinds/words'
import { texts } from '../texts'
import { slotOfItem } from './items'
import { LookedAt } from './LookedAt'
import type { OpenCase } from './open'
import styles from './Question.module.css'
import { settledSide } from './side'

interface QuestionProps {
  open: OpenCase
  at: Slot
  modelHidden: boolean
  /** The only question of its form: there is room for every definition. */
  only: boolean
  /** In a table of sites the first carries the field's title. */
  first: boolean
  hand: (at: Slot) => ItemsHand
  /** Whether the last input was a key: only then may the panel scroll by itself. */
  byKey: () => boolean
  onAnswer: (slot: string, answer: Answer) => void
  onFocusSlot: (slot: string) => void
  onPoint: (definition: string | null) => void
  /** To a slice of the case. */
  onGo: (image: string, frame: number) => void
}

/** A grade is read with its definitions; what stands in a form of many questions is short. */
function lookOf(field: Field, only: boolean): Look {
  if (field.sites.length > 0) return field.kind === 'grade' ? 'cells' : 'chips'
  return field.kind === 'grade' || (only && field.kind === 'presence') ? 'list' : 'chips'
}

function scaleText(field: Field): string {
  return field.kind === 'grade' ? field.scale.version : ''
}

function saying({ field }: Slot, said: SlotPrediction, model: number): string {
  const kind = kindOf(field)
  const chance = kind.probability(field, said, said.value)
  const value = kind.valueText(field, said.value)
  return [texts.reading.proposes(model, value), chance === null ? '' : chanceText(chance)]
    .filter(Boolean)
    .join(' · ')
}

/** One question: its name, the model's word beside it, its answers. */
export function Question(props: QuestionProps): ReactNode {
  const { open, at, modelHidden, only, first, hand, byKey } = props
  const { field, slot, site } = at
  const { Input } = kindOf(field)
  const { prediction } = open.next
  const proposed = prediction?.slots[slot]
  const look = lookOf(field, only)
  const active = open.activeSlot === slot
  const titled = first || look !== 'cells'
  const element = useRef<HTMLFieldSetElement>(null)
  const follow = useRef(byKey)
  follow.current = byKey
  useEffect(() => {
    if (active && follow.current()) element.current?.scrollIntoView({ block: 'nearest' })
  }, [active])
  const error = open.slotErrors[slot]
  const items = hand(at)
  const marked = open.item === null ? undefined : slotOfItem(open, open.item)
  const linked = marked !== undefined && linkOf(marked) === slot
  const said =
    prediction && proposed && look !== 'list' && !Array.isArray(proposed.value)
      ? saying(at, proposed, prediction.model.number)
      : ''
  return (
    <fieldset
      ref={element}
      aria-label={at.label}
      className={styles.question}
      data-active={active || undefined}
      data-site={site !== null || undefined}
      data-first={titled || undefined}
      data-linked={linked || undefined}
      data-detail={field.when !== undefined || undefined}
      data-look={look}
      data-dense={(look === 'list' && !only) || undefined}
      data-testid={`question-${slot}`}
      onFocus={() => props.onFocusSlot(slot)}
      onMouseEnter={() => items.onHover(isRegion(field) ? null : slot)}
      onMouseLeave={() => items.onHover(null)}
    >
      {titled && (
        <div className={styles.title}>
          <h2>{look === 'cells' ? labelOf(field) : at.label}</h2>
          <span>{scaleText(field)}</span>
        </div>
      )}
      {said && look !== 'cells' && (
        <p
          className={styles.said}
          data-hidden={modelHidden || undefined}
          data-testid={modelHidden ? undefined : 'proposal'}
        >
          {said}
        </p>
      )}
      <LookedAt open={open} slot={slot} label={at.label} hidden={modelHidden} onGo={props.onGo} />
      <div className={styles.body}>
        {site !== null && look === 'cells' && (
          <span className={styles.site}>{siteText(field, site)}</span>
        )}
        <div className={styles.input}>
          <Input
            field={field}
            of={String(open.next.annotation.id)}
            slot={slot}
            label={at.label}
            answer={open.answers[slot]}
            proposal={
              prediction && proposed && !modelHidden
                ? { model: prediction.model.number, prediction: proposed }
                : null
            }
            active={active}
            look={look}
            laterality={settledSide(open)}
            onAnswer={(answer) => props.onAnswer(slot, answer)}
            onPoint={props.onPoint}
            items={items}
          />
        </div>
      </div>
      {error && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  )
}
