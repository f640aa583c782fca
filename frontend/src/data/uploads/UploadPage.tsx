import { Stack } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import type { Upload } from '../../api/uploads'
import { dayTime } from '../../format'
import { Back } from '../../parts/Back'
import { Heading } from '../../parts/Page'
import { texts } from '../../texts'
import { DropArea } from './DropArea'
import { Latest } from './Latest'
import { Sending, useUploader } from './Sending'
import { uploader } from './uploader'

const words = texts.upload

/** The way in for files: drop them, watch them go, then read the report. */
export function UploadPage(): ReactNode {
  const progress = useUploader()
  const navigate = useNavigate()
  const [goingOn, setGoingOn] = useState<Upload | null>(null)
  const { arrived } = progress
  useEffect(() => {
    if (arrived === null) return
    uploader.seen()
    void navigate(`/data/uploads/${arrived}`)
  }, [arrived, navigate])
  return (
    <>
      <Back to="/data" label={words.back} />
      <Heading title={words.title} />
      <Stack gap={32}>
        {progress.phase === 'idle' ? (
          <DropArea
            note={
              goingOn
                ? `${words.chosenAgain(dayTime(goingOn.created_at))} ${words.goOnHelp}`
                : undefined
            }
            onFiles={(files) => {
              void uploader.send(files, goingOn?.id ?? null)
              setGoingOn(null)
            }}
          />
        ) : (
          <Sending progress={progress} />
        )}
        <Latest sending={progress.upload} onGoOn={setGoingOn} />
      </Stack>
    </>
  )
}
