import { Button, Card, Group, Text, Title } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { StudyImage, StudySeries } from '../../api/archive'
import { texts } from '../../texts'
import styles from './Series.module.css'

/** As many thumbnails as are looked over at once; a CT has hundreds. */
const FIRST = 24
/** So few stand in half the width, beside another series; and of so few there is room for larger ones. */
const HALF = 4
const LARGE = 2

const words = texts.study

/** "2,000 × 2,500 pixels", or of each size one. */
function sizes(images: StudyImage[]): string {
  const found = new Set(images.map((image) => words.pixels(image.columns, image.rows)))
  return [...found].join(', ')
}

function syntaxes(images: StudyImage[]): string {
  const found = new Set(
    images.map(({ transfer_syntax_uid: uid }) => words.transferSyntaxes[uid] ?? uid),
  )
  return [...found].join(', ')
}

function facts(series: StudySeries): string[] {
  const side = texts.data.sides[series.laterality]
  const frames = series.instances.reduce((sum, image) => sum + image.number_of_frames, 0)
  return [
    series.modality,
    series.body_part_examined,
    side && `${words.side} ${side}`,
    series.view_position && `${words.view} ${series.view_position}`,
    words.images(series.instances.length),
    frames > series.instances.length && words.frames(frames),
    sizes(series.instances),
    syntaxes(series.instances),
  ].filter((fact): fact is string => Boolean(fact))
}

function Picture(props: { image: StudyImage; label: string; onOpen: () => void }): ReactNode {
  const { image, label, onOpen } = props
  return (
    <button type="button" className={styles.picture} onClick={onOpen} aria-label={label}>
      <img src={image.thumbnail} alt="" loading="lazy" />
      <span className={styles.number}>
        {image.instance_number ?? texts.office.none}
        {image.number_of_frames > 1 && ` · ${words.frames(image.number_of_frames)}`}
      </span>
    </button>
  )
}

/** A series in words, and its images as a strip; a press shows one large. */
export function SeriesCard(props: {
  series: StudySeries
  onOpen: (image: StudyImage) => void
}): ReactNode {
  const { series, onOpen } = props
  const [all, setAll] = useState(false)
  const images = series.instances
  const shown = all ? images : images.slice(0, FIRST)
  const title =
    series.series_number === null ? words.seriesPlain : words.seriesNumber(series.series_number)
  return (
    <Card
      component="section"
      padding="md"
      className={images.length > HALF ? styles.wide : undefined}
      data-testid="series"
    >
      <Group gap={12} align="baseline">
        <Title order={2}>{series.series_description || title}</Title>
        {series.series_description && series.series_number !== null && (
          <Text size="sm" c="dimmed">
            {title}
          </Text>
        )}
      </Group>
      <Text size="sm" c="dimmed" className="figures" mb={12}>
        {facts(series).join(' · ')}
      </Text>
      <div className={styles.strip} data-large={images.length <= LARGE || undefined}>
        {shown.map((image, at) => (
          <Picture
            key={image.sop_instance_uid}
            image={image}
            label={words.open(at + 1, images.length)}
            onOpen={() => onOpen(image)}
          />
        ))}
        {shown.length < images.length && (
          <Button variant="default" className={styles.rest} onClick={() => setAll(true)}>
            {words.showAll(images.length)}
          </Button>
        )}
      </div>
    </Card>
  )
}
