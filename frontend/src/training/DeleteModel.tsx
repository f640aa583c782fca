import { Textarea } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { keys } from '../api/queries'
import { deleteModel, type ModelVersion } from '../api/training'
import { texts } from '../texts'
import { Deletion } from './Deletion'

const words = texts.models

/** Asks why before a version's weights are gone for good. */
export function DeleteModel({ task, model }: { task: number; model: ModelVersion }): ReactNode {
  const [reason, setReason] = useState('')
  return (
    <Deletion
      label={words.remove}
      title={words.removeTitle(model.number)}
      help={words.removeHelp}
      remove={() => deleteModel(model.id, reason)}
      stale={keys.allOf(task)}
      ready={reason.trim() !== ''}
    >
      <Textarea
        mt={16}
        label={words.removeReason}
        value={reason}
        maxLength={1000}
        autosize
        minRows={2}
        data-autofocus
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </Deletion>
  )
}
