import { ActionIcon, CopyButton, Group, Skeleton, Text, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { getStudy, type Study } from '../../api/archive'
import { keys } from '../../api/queries'
import { studyDate } from '../../format'
import { Back } from '../../parts/Back'
import { Heading } from '../../parts/Page'
import { Loaded } from '../../parts/States'
import { texts } from '../../texts'
import { Lightbox } from './Lightbox'
import { placesOf } from './places'
import styles from './Series.module.css'
import { SeriesCard } from './SeriesCard'

function Uid({ uid }: { uid: string }): ReactNode {
  return (
    <Group gap={4} wrap="nowrap" miw={0}>
      <Text size="xs" c="dimmed" truncate>
        {texts.study.uid} {uid}
      </Text>
      <CopyButton value={uid}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? texts.datasets.copied : texts.study.copyUid}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              onClick={copy}
              aria-label={texts.study.copyUid}
            >
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  )
}

function Facts({ study }: { study: Study }): ReactNode {
  const words = texts.study
  return (
    <Group justify="space-between" mb={24} wrap="nowrap">
      <Text size="sm" className="figures" flex="none">
        {[
          words.sex[study.patient_sex],
          study.study_date && studyDate(study.study_date),
          words.series(study.series.length),
          words.images(study.instances),
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      <Uid uid={study.study_instance_uid} />
    </Group>
  )
}

function Found({ study }: { study: Study }): ReactNode {
  const [at, setAt] = useState<number | null>(null)
  const navigate = useNavigate()
  const places = placesOf(study)
  return (
    <>
      <Heading title={study.patient} note={study.study_description} />
      <Facts study={study} />
      <div className={styles.series}>
        {study.series.map((series) => (
          <SeriesCard
            key={series.series_instance_uid}
            series={series}
            onOpen={(image) => setAt(places.findIndex((place) => place.image === image))}
          />
        ))}
      </div>
      {at !== null && (
        <Lightbox
          study={study}
          places={places}
          at={at}
          onMove={setAt}
          onClose={() => setAt(null)}
          onHeld={() => (study.instances > 1 ? setAt(null) : void navigate('/data'))}
        />
      )}
    </>
  )
}

/** One study: what it is, and its series with all their images. */
export function StudyPage(): ReactNode {
  const uid = useParams().uid ?? ''
  const query = useQuery({ queryKey: keys.study(uid), queryFn: () => getStudy(uid) })
  return (
    <>
      <Back to="/data" label={texts.study.back} />
      <Loaded query={query} skeleton={<Skeleton height={320} mt={16} />}>
        {(study) => <Found study={study} />}
      </Loaded>
    </>
  )
}
