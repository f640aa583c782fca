import { Progress as Bar, Button, Card, Group, Text, Title } from '@mantine/core'
import { type ReactNode, useSyncExternalStore } from 'react'
import { bytes, duration } from '../../format'
import { texts } from '../../texts'
import styles from './Uploads.module.css'
import { type OutgoingFile, type Progress, uploader } from './uploader'

const words = texts.upload
/** Nobody reads a thousand lines that change; what is under way and what failed comes first. */
const SHOWN = 100

export const useUploader = (): Progress => useSyncExternalStore(uploader.listen, uploader.get)

const share = (sent: number, total: number): number => (total > 0 ? (100 * sent) / total : 100)

function status(progress: Progress): string {
  const { phase, etaSeconds, retrying } = progress
  if (phase === 'paused') return words.paused
  if (phase === 'opening' || phase === 'starting') return words.starting
  if (retrying) return words.retrying
  return etaSeconds === null ? '' : words.eta(duration(etaSeconds))
}

function FileRow({ file }: { file: OutgoingFile }): ReactNode {
  return (
    <li className={styles.file}>
      <Text size="sm" truncate className={styles.name} title={file.path}>
        {file.path}
      </Text>
      <Text size="sm" c="dimmed" className={`${styles.size} figures`}>
        {bytes(file.file.size)}
      </Text>
      {file.state === 'sending' ? (
        <Bar
          value={share(file.sent, file.file.size)}
          className={styles.bar}
          aria-label={words.progressOf(file.path)}
        />
      ) : (
        <Text
          size="sm"
          c={file.state === 'failed' ? 'red' : 'dimmed'}
          className={file.sentence ? styles.sentence : styles.bar}
        >
          {file.sentence || words.fileStates[file.state]}
        </Text>
      )}
    </li>
  )
}

const ORDER = { failed: 0, sending: 1, waiting: 2, sent: 3 }

function Files({ files }: { files: readonly OutgoingFile[] }): ReactNode {
  const sorted = [...files].sort((a, b) => ORDER[a.state] - ORDER[b.state])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is scrolled by keyboard too
    <ul className={styles.files} tabIndex={0} aria-label={texts.upload.file}>
      {sorted.slice(0, SHOWN).map((file) => (
        <FileRow key={file.path} file={file} />
      ))}
      {sorted.length > SHOWN && (
        <li className={styles.file}>
          <Text size="sm" c="dimmed">
            {words.moreFiles(sorted.length - SHOWN)}
          </Text>
        </li>
      )}
    </ul>
  )
}

function Buttons({ progress }: { progress: Progress }): ReactNode {
  const { phase, counts } = progress
  return (
    <Group gap={8}>
      {phase === 'sending' && (
        <Button variant="default" onClick={uploader.pause}>
          {words.pause}
        </Button>
      )}
      {phase === 'paused' && <Button onClick={uploader.resume}>{words.resume}</Button>}
      {phase === 'stuck' && (
        <>
          <Button onClick={uploader.again}>{words.tryAgain}</Button>
          {counts.failed > 0 && counts.sent > 0 && (
            <Button variant="default" onClick={() => void uploader.ingest()}>
              {words.without}
            </Button>
          )}
        </>
      )}
      <Button
        variant="default"
        disabled={phase === 'starting'}
        onClick={() => void uploader.cancel()}
      >
        {words.cancel}
      </Button>
    </Group>
  )
}

/** The delivery that this tab is sending: in all and file by file, with pause and cancel. */
export function Sending({ progress }: { progress: Progress }): ReactNode {
  const { counts, files, phase, sentBytes, sentence } = progress
  const stuck = phase === 'stuck'
  return (
    <Card data-testid="sending">
      <Group justify="space-between" align="flex-start" mb={8} wrap="nowrap">
        <div>
          <Title order={2} className="figures">
            {stuck
              ? sentence || words.notSent(counts.failed)
              : words.sending(counts.sent, files.length)}
          </Title>
          <Text size="sm" c="dimmed" className="figures" role="status">
            {[words.sizes(bytes(sentBytes), bytes(progress.bytes)), status(progress)]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        </div>
        <Buttons progress={progress} />
      </Group>
      <Bar
        value={share(sentBytes, progress.bytes)}
        animated={phase === 'sending'}
        color={stuck ? 'red' : 'teal'}
        aria-label={words.sending(counts.sent, files.length)}
      />
      <Text size="xs" c="dimmed" mt={8} mb={12}>
        {phase === 'sending' ? words.stay : '\u00a0'}
      </Text>
      <Files files={files} />
    </Card>
  )
}
