import { Button, Card, Group, Progress, Skeleton, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router'
import { keys } from '../../api/queries'
import { cancelUpload, getUpload, isWorking, OUTCOMES, type Upload } from '../../api/uploads'
import { dayTime, number } from '../../format'
import { Back } from '../../parts/Back'
import { Heading } from '../../parts/Page'
import { Loaded } from '../../parts/States'
import { texts } from '../../texts'
import { Items } from './Items'
import styles from './Uploads.module.css'

const words = texts.upload

function Working({ upload }: { upload: Upload }): ReactNode {
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => cancelUpload(upload.id),
    onSettled: () => client.invalidateQueries({ queryKey: keys.uploads() }),
  })
  const { job } = upload
  const text = upload.state === 'waiting' ? words.waiting : job?.progress_text || words.taking
  return (
    <Card data-testid="ingesting">
      <Group justify="space-between" wrap="nowrap" mb={8}>
        <Text fw={600} className="figures" role="status">
          {text}
        </Text>
        <Button
          variant="default"
          size="xs"
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          {words.cancel}
        </Button>
      </Group>
      <Progress
        value={(job?.progress ?? 0) * 100}
        animated={upload.state === 'running'}
        aria-label={text}
      />
      <Text size="xs" c="dimmed" mt={8}>
        {words.mayLeave}
      </Text>
    </Card>
  )
}

/** Four numbers: what became of the files. */
function Numbers({ upload }: { upload: Upload }): ReactNode {
  return (
    <div className={styles.numbers}>
      {OUTCOMES.map((outcome) => (
        <Card key={outcome} padding="md" data-testid={`count-${outcome}`}>
          <Text size="xs" c="dimmed" className={styles.capital}>
            {words.outcomes[outcome]}
          </Text>
          <Text className={`${styles.value} figures`}>{number(upload[outcome])}</Text>
          <Text size="xs" c="dimmed">
            {outcome === 'held' && isWorking(upload) ? words.searched : words.outcomesHelp[outcome]}
          </Text>
        </Card>
      ))}
    </div>
  )
}

const SAYS: Partial<Record<Upload['state'], string>> = {
  receiving: words.incomplete,
  cancelled: words.cancelled,
  failed: words.failed,
}

function Found({ upload }: { upload: Upload }): ReactNode {
  const says = SAYS[upload.state]
  return (
    <>
      <Heading
        title={words.reportOf(dayTime(upload.created_at))}
        actions={
          !isWorking(upload) && (
            <>
              {upload.held > 0 && (
                <Button component={Link} to="/data/holds" variant="default">
                  {words.toHolds(upload.held)}
                </Button>
              )}
              <Button component={Link} to="/data">
                {words.toStudies}
              </Button>
            </>
          )
        }
      />
      <Stack gap={16}>
        {isWorking(upload) && <Working upload={upload} />}
        {says && <Text role="status">{says}</Text>}
        <Numbers upload={upload} />
        {upload.state !== 'receiving' && !isWorking(upload) && <Items upload={upload} />}
      </Stack>
    </>
  )
}

/** One delivery: live while it is taken in, then what became of each file. */
export function ReportPage(): ReactNode {
  const id = Number(useParams().id)
  const query = useQuery({
    queryKey: keys.uploads(id),
    queryFn: () => getUpload(id),
    refetchInterval: ({ state }) => (state.data && isWorking(state.data) ? 3000 : false),
  })
  return (
    <>
      <Back to="/data/upload" label={words.backToUploads} />
      <Loaded query={query} skeleton={<Skeleton height={240} mt={16} />}>
        {(upload) => <Found upload={upload} />}
      </Loaded>
    </>
  )
}
