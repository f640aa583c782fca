import { Button, Group, Kbd, Text } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { type ReactNode, useState } from 'react'
import type { Hold } from '../../api/holds'
import { Dialog } from '../../parts/Dialog'
import { texts } from '../../texts'
import { foundBoxes, type MarkedBox, withDrawn, without } from './boxes'
import styles from './Look.module.css'
import { BoxList, Frames, Reasons } from './Side'
import { Stage } from './Stage'
import type { Decision, useQueue } from './useQueue'

const words = texts.holds

interface LookProps {
  hold: Hold
  queue: ReturnType<typeof useQueue>
}

function Verb(props: {
  label: string
  letter: string
  variant?: string
  color?: string
  title?: string | undefined
  disabled?: boolean
  loading: boolean
  onClick: () => void
}): ReactNode {
  return (
    <Button
      fullWidth
      justify="space-between"
      variant={props.variant ?? 'default'}
      color={props.color ?? ''}
      title={props.title}
      disabled={props.disabled ?? false}
      loading={props.loading}
      rightSection={
        <Kbd size="xs" aria-hidden className={styles.key}>
          {props.letter}
        </Kbd>
      }
      onClick={props.onClick}
    >
      {props.label}
    </Button>
  )
}

type Asked = 'release' | 'discard'

const QUESTIONS = {
  release: {
    title: words.releaseTitle,
    help: words.releaseHelp,
    yes: words.releaseConfirm,
    color: '',
  },
  discard: {
    title: words.discardTitle,
    help: words.discardHelp,
    yes: words.discardConfirm,
    color: 'red',
  },
}

function Confirm(props: { asked: Asked; onYes: () => void; onNo: () => void }): ReactNode {
  const question = QUESTIONS[props.asked]
  return (
    <Dialog opened onClose={props.onNo} title={question.title} size="sm">
      <Text size="sm" mb={16}>
        {question.help}
      </Text>
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={props.onNo}>
          {words.keep}
        </Button>
        <Button color={question.color} onClick={props.onYes} data-autofocus>
          {question.yes}
        </Button>
      </Group>
    </Dialog>
  )
}

/** One held image: what is suspected, what to do about it. */
export function Look({ hold, queue }: LookProps): ReactNode {
  const [boxes, setBoxes] = useState<MarkedBox[]>(() => foundBoxes(hold.boxes))
  const [chosen, setChosen] = useState<number | null>(null)
  const [frame, setFrame] = useState(1)
  const [asked, setAsked] = useState<Asked | null>(null)
  const busy = queue.decide.isPending
  const decide = (decision: Decision): void => {
    if (!busy) queue.decide.mutate({ hold, decision })
  }
  const mask = (): void => {
    if (boxes.length > 0) decide({ verb: 'mask', boxes: boxes.map(({ box }) => box) })
  }
  const remove = (id: number | null): void => {
    if (id === null) return
    setBoxes(without(boxes, id))
    setChosen(null)
  }
  const verb = busy ? queue.decide.variables.decision.verb : null
  useHotkeys(
    asked
      ? []
      : [
          ['m', mask],
          ['r', () => setAsked('release')],
          ['d', () => setAsked('discard')],
          ['Delete', () => remove(chosen)],
          ['Backspace', () => remove(chosen)],
          ['Escape', () => setChosen(null)],
          ['ArrowLeft', () => queue.step(-1)],
          ['ArrowRight', () => queue.step(1)],
        ],
  )
  return (
    <div className={styles.look}>
      <Stage
        hold={hold}
        frame={frame}
        boxes={boxes}
        chosen={chosen}
        onChoose={setChosen}
        onDraw={(box) => {
          const drawn = withDrawn(boxes, box)
          setBoxes(drawn)
          setChosen(drawn.at(-1)?.id ?? null)
        }}
      />
      <aside className={styles.side}>
        <div className={styles.facts}>
          <Text fw={600} size="lg">
            {hold.patient}
          </Text>
          <Text size="sm" c="dimmed" className="figures">
            {[hold.modality, texts.study.pixels(hold.columns, hold.rows)]
              .filter(Boolean)
              .join(' · ')}
          </Text>
          <Frames hold={hold} frame={frame} onFrame={setFrame} />
          <Reasons hold={hold} />
          <BoxList boxes={boxes} chosen={chosen} onChoose={setChosen} onRemove={remove} />
        </div>
        <div className={styles.verbs}>
          {queue.decide.error && (
            <Text size="sm" c="red" role="alert">
              {queue.decide.error.message}
            </Text>
          )}
          <Verb
            label={words.mask}
            letter="M"
            variant="filled"
            title={boxes.length === 0 ? words.drawFirst : undefined}
            disabled={boxes.length === 0}
            loading={verb === 'mask'}
            onClick={mask}
          />
          <Verb
            label={words.release}
            letter="R"
            loading={verb === 'release'}
            onClick={() => setAsked('release')}
          />
          <Verb
            label={words.discard}
            letter="D"
            loading={verb === 'discard'}
            onClick={() => setAsked('discard')}
          />
          <Group grow gap={8}>
            <Button variant="default" disabled={queue.isFirst} onClick={() => queue.step(-1)}>
              ← {words.previous}
            </Button>
            <Button variant="default" disabled={queue.isLast} onClick={() => queue.step(1)}>
              {words.next} →
            </Button>
          </Group>
        </div>
      </aside>
      {asked && (
        <Confirm
          asked={asked}
          onNo={() => setAsked(null)}
          onYes={() => {
            setAsked(null)
            decide({ verb: asked })
          }}
        />
      )}
    </div>
  )
}
