import { ActionIcon, Button, Modal, Text } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconChevronLeft, IconChevronRight, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { type Study, WADO_ROOT } from '../../api/archive'
import { percent } from '../../geometry/zoom'
import { texts } from '../../texts'
import type { View } from '../../viewer'
import { HoldBack } from './HoldBack'
import styles from './Lightbox.module.css'
import type { Place } from './places'
import { useViewer } from './useViewer'

const words = texts.study

const readout = (view: View): string =>
  `W ${Math.round(view.windowWidth)} L ${Math.round(view.windowLevel)} · ${percent(view.magnification)}`

function caption(study: Study, { series, image, frame }: Place): string {
  const frames = image.number_of_frames
  return [
    study.patient,
    series.series_description || series.modality,
    series.body_part_examined,
    texts.data.sides[series.laterality],
    series.view_position,
    frames > 1 && words.frameOf(frame, frames),
  ]
    .filter(Boolean)
    .join(' · ')
}

interface LightboxProps {
  study: Study
  places: Place[]
  at: number
  onMove: (at: number) => void
  onClose: () => void
  onHeld: () => void
}

function Arrow(props: {
  label: string
  disabled: boolean
  onClick: () => void
  children: ReactNode
}): ReactNode {
  return (
    <ActionIcon
      variant="transparent"
      className={styles.button}
      aria-label={props.label}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      {props.children}
    </ActionIcon>
  )
}

function Content(props: LightboxProps & { place: Place }): ReactNode {
  const { study, places, at, place, onMove, onClose, onHeld } = props
  const { series, image, frame } = place
  const last = places.length - 1
  const { element, viewer, view, painted, sentence } = useViewer({
    study_instance_uid: study.study_instance_uid,
    series_instance_uid: series.series_instance_uid,
    sop_instance_uid: image.sop_instance_uid,
    frame,
    wado_root: WADO_ROOT,
  })
  const step = (by: number): void => onMove(Math.min(last, Math.max(0, at + by)))
  useHotkeys([
    ['ArrowLeft', () => step(-1)],
    ['ArrowRight', () => step(1)],
    ['ArrowUp', () => step(-1)],
    ['ArrowDown', () => step(1)],
  ])
  return (
    <div className={styles.box}>
      <header className={styles.bar}>
        <Text size="sm" fw={600} className={styles.caption} truncate>
          {caption(study, place)}
        </Text>
        <Arrow label={words.previous} disabled={at === 0} onClick={() => step(-1)}>
          <IconChevronLeft size={18} />
        </Arrow>
        <span className={`${styles.count} figures`}>{words.imageOf(at + 1, places.length)}</span>
        <Arrow label={words.next} disabled={at === last} onClick={() => step(1)}>
          <IconChevronRight size={18} />
        </Arrow>
        <HoldBack uid={image.sop_instance_uid} onHeld={onHeld} />
        <Button
          size="compact-sm"
          variant="transparent"
          className={styles.button}
          onClick={() => viewer.current?.reset()}
        >
          {words.fit}
        </Button>
        <Arrow label={words.close} disabled={false} onClick={onClose}>
          <IconX size={18} />
        </Arrow>
      </header>
      <div className={styles.area} data-painted={painted || undefined} data-testid="large-image">
        <div
          ref={element}
          className={styles.viewport}
          role="application"
          aria-label={caption(study, place)}
          onContextMenu={(event) => event.preventDefault()}
        />
        {(sentence ?? !painted) && (
          <div className={styles.cover} role={sentence ? 'alert' : 'status'}>
            {sentence ?? texts.reading.loading}
          </div>
        )}
      </div>
      <footer className={`${styles.foot} figures`}>
        <span>{view && painted ? readout(view) : ''}</span>
        <span>{words.mouse}</span>
      </footer>
    </div>
  )
}

/** One image, large and dark, with its window and zoom; the arrow keys go through the study. */
export function Lightbox(props: LightboxProps): ReactNode {
  const place = props.places[props.at]
  if (!place) return null
  return (
    <Modal
      opened
      fullScreen
      onClose={props.onClose}
      withCloseButton={false}
      padding={0}
      aria-label={caption(props.study, place)}
      classNames={{ body: styles.body, content: styles.content }}
      styles={{ body: { paddingTop: 0 } }}
    >
      <Content {...props} place={place} />
    </Modal>
  )
}
