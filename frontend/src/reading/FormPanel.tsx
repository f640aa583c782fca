import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Answer } from '../api/forms'
import type { ItemsHand } from '../kinds/items'
import { openSlots, type Slot, slotsOf } from '../kinds/slots'
import { texts } from '../texts'
import { definitionNow } from './definitions'
import styles from './FormPanel.module.css'
import { type OwnKeys, printed } from './keys'
import type { OpenCase } from './open'
import { Question } from './Question'

interface FormPanelProps {
  open: OpenCase | null
  modelHidden: boolean
  own: OwnKeys
  /** What stands between the answers and the server. */
  troubles: ReactNode
  hand: (open: OpenCase, at: Slot) => ItemsHand
  onAnswer: (slot: string, answer: Answer) => void
  onFocusSlot: (slot: string) => void
  onGo: (image: string, frame: number) => void
  onSubmit: () => void
}

/** Whether the last thing that the hand did was to press a key. */
function useByKey(): () => boolean {
  const byKey = useRef(true)
  useEffect(() => {
    const key = (): void => {
      byKey.current = true
    }
    const mouse = (): void => {
      byKey.current = false
    }
    window.addEventListener('keydown', key, true)
    window.addEventListener('pointerdown', mouse, true)
    return () => {
      window.removeEventListener('keydown', key, true)
      window.removeEventListener('pointerdown', mouse, true)
    }
  }, [])
  return () => byKey.current
}

function Questions(
  props: FormPanelProps & { open: OpenCase; onPoint: (text: string | null) => void },
): ReactNode {
  const { open } = props
  const { form } = open.next
  const byKey = useByKey()
  const slots = openSlots(form, open.answers)
  const only = slotsOf(form).length === 1
  return slots.map((at, index) => (
    <Question
      key={at.slot}
      open={open}
      at={at}
      modelHidden={props.modelHidden}
      only={only}
      first={slots[index - 1]?.field.key !== at.field.key}
      hand={(asked) => props.hand(open, asked)}
      byKey={byKey}
      onAnswer={props.onAnswer}
      onFocusSlot={props.onFocusSlot}
      onPoint={props.onPoint}
      onGo={props.onGo}
    />
  ))
}

/** The form stands beside the image: one key answers, one key moves on. */
export function FormPanel(props: FormPanelProps): ReactNode {
  const { open, own, troubles, onSubmit } = props
  const [pointed, setPointed] = useState<string | null>(null)
  const many = open !== null && slotsOf(open.next.form).length > 1
  return (
    <aside className={styles.panel} aria-label={texts.reading.answer}>
      <div className={styles.questions}>
        {open && <Questions {...props} open={open} onPoint={setPointed} />}
      </div>
      {many && (
        <p
          className={styles.definition}
          role="status"
          data-notice={open.notice ? true : undefined}
          data-testid={open.notice ? 'notice' : 'definition'}
        >
          {open.notice ?? pointed ?? definitionNow(open)}
        </p>
      )}
      <div className={styles.foot}>
        {troubles}
        {!many && (
          <p className={styles.notice} role="status" data-testid="notice">
            {open?.notice}
          </p>
        )}
        <Button
          fullWidth
          size="md"
          onClick={onSubmit}
          disabled={!open || open.away !== null}
          data-testid="submit"
          rightSection={
            <kbd className={styles.enter}>{printed('submit', own).replace('Enter', '⏎')}</kbd>
          }
        >
          {open?.next.annotation.state === 'submitted' ? texts.losses.amend : texts.reading.submit}
        </Button>
      </div>
    </aside>
  )
}
