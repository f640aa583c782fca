import { Button, FileInput, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { giveWeights, type Starts } from '../api/encoders'
import { getMe } from '../api/me'
import { keys } from '../api/queries'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'

const words = texts.starts

/** Of one file: as the server takes it from staff, and from others any request. */
const MOST_MB = { staff: 256, others: 16 }

interface FieldsProps {
  task: number
  starts: Starts
  onDone: () => void
}

function Fields({ task, starts, onDone }: FieldsProps): ReactNode {
  const [file, setFile] = useState<File | null>(null)
  const [network, setNetwork] = useState<string | null>(starts.published.network)
  const [name, setName] = useState('')
  const [source, setSource] = useState('')
  const staff = useQuery({ queryKey: keys.me, queryFn: getMe }).data?.is_staff ?? false
  const most = staff ? MOST_MB.staff : MOST_MB.others
  const tooLarge = !!file && file.size > most << 20
  const client = useQueryClient()
  const give = useMutation({
    mutationFn: (about: Parameters<typeof giveWeights>[1]) => giveWeights(task, about),
    onSuccess: () => {
      onDone()
      return client.invalidateQueries({ queryKey: keys.starts(task) })
    },
  })
  const whole = file && !tooLarge && network && name.trim() && source.trim()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (whole) give.mutate({ file, network, name: name.trim(), source: source.trim() })
  }
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        <Text size="sm">{words.giveHelp(most, staff)}</Text>
        <FileInput
          label={words.file}
          placeholder={words.chooseFile}
          accept=".safetensors"
          value={file}
          onChange={setFile}
          error={tooLarge && words.tooLarge(most)}
          required
        />
        <Select
          label={words.network}
          data={starts.networks}
          value={network}
          onChange={setNetwork}
          allowDeselect={false}
        />
        <TextInput
          label={words.giveName}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={120}
          required
        />
        <TextInput
          label={words.giveSource}
          value={source}
          onChange={(event) => setSource(event.currentTarget.value)}
          maxLength={1000}
          required
        />
        {give.error && (
          <Text size="sm" c="red" role="alert">
            {give.error.message}
          </Text>
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onDone}>
            {texts.office.cancel}
          </Button>
          <Button type="submit" loading={give.isPending} disabled={!whole}>
            {words.giveButton}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** An admin gives published weights; the server says what is wrong with the file. */
export function GiveWeights({ task, starts }: { task: number; starts: Starts }): ReactNode {
  const [opened, setOpened] = useState(false)
  const close = (): void => setOpened(false)
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpened(true)}>
        {words.give}
      </Button>
      <Dialog opened={opened} onClose={close} title={words.giveTitle} centered>
        <Fields task={task} starts={starts} onDone={close} />
      </Dialog>
    </>
  )
}
