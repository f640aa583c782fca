import { ActionIcon, CloseButton, Group, Text, Title } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Hold } from '../../api/holds'
import { texts } from '../../texts'
import type { MarkedBox } from './boxes'
import styles from './Look.module.css'

const words = texts.holds

function sentences(hold: Hold): string[] {
  if (hold.state === 'checking') return [words.checking]
  return hold.reasons.length > 0 ? hold.reasons.map(({ sentence }) => sentence) : [words.unknownWhy]
}

export function Reasons({ hold }: { hold: Hold }): ReactNode {
  return (
    <section>
      <Title order={3} mt={16} mb={4}>
        {words.why}
      </Title>
      {sentences(hold).map((sentence) => (
        <Text key={sentence} size="sm" mb={4}>
          {sentence}
        </Text>
      ))}
    </section>
  )
}

/** Steps through a multi-frame image: a name may stand in one frame only. */
export function Frames(props: {
  hold: Hold
  frame: number
  onFrame: (frame: number) => void
}): ReactNode {
  const { hold, frame, onFrame } = props
  const frames = hold.number_of_frames
  if (frames < 2) return null
  return (
    <>
      <Group gap={4} mt={8}>
        <ActionIcon
          variant="default"
          aria-label={words.previousFrame}
          disabled={frame === 1}
          onClick={() => onFrame(frame - 1)}
        >
          <IconChevronLeft size={16} />
        </ActionIcon>
        <Text size="sm" className="figures" px={8}>
          {words.frame(frame, frames)}
        </Text>
        <ActionIcon
          variant="default"
          aria-label={words.nextFrame}
          disabled={frame === frames}
          onClick={() => onFrame(frame + 1)}
        >
          <IconChevronRight size={16} />
        </ActionIcon>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {words.allFrames}
      </Text>
    </>
  )
}

/** The boxes in words; pressing one shows which it is on the image. */
export function BoxList(props: {
  boxes: MarkedBox[]
  chosen: number | null
  onChoose: (id: number) => void
  onRemove: (id: number) => void
}): ReactNode {
  const { boxes, chosen, onChoose, onRemove } = props
  return (
    <section>
      <Title order={3} mt={16} mb={4}>
        {words.boxes}
      </Title>
      {boxes.length === 0 && <Text size="sm">{words.noBoxes}</Text>}
      <ul className={styles.boxes}>
        {boxes.map(({ id, found }, at) => (
          <li key={id} className={styles.box} data-chosen={id === chosen || undefined}>
            <button
              type="button"
              className={styles.choose}
              aria-pressed={id === chosen}
              onClick={() => onChoose(id)}
            >
              <span className={found ? styles.foundMark : styles.drawnMark} aria-hidden />
              {words.box(at + 1)}
              <Text size="xs" c="dimmed" component="span">
                {found ? words.found : words.drawn}
              </Text>
            </button>
            <CloseButton
              size="sm"
              aria-label={words.removeBox(at + 1)}
              onClick={() => onRemove(id)}
            />
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed" mt={4}>
        {words.draw}
      </Text>
    </section>
  )
}
