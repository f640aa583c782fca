import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useNavigate } from 'react-router'
import { keys } from '../api/queries'
import { createTask, listTemplates } from '../api/tasks'
import { nameOf } from '../kinds/words'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'

/** Staff make a task from a template; its cases are built on the task's own page. */
export function NewTask(): ReactNode {
  const [opened, setOpened] = useState(false)
  const [chosen, setChosen] = useState<string | null>(null)
  const [name, setName] = useState('')
  const templates = useQuery({ queryKey: keys.templates, queryFn: listTemplates, enabled: opened })
  const usable = templates.data?.filter(({ problem }) => !problem) ?? []
  const faulty = templates.data?.filter(({ problem }) => problem) ?? []
  const template = chosen ?? usable[0]?.slug ?? ''
  const client = useQueryClient()
  const navigate = useNavigate()
  const make = useMutation({
    mutationFn: () => createTask(template, name.trim()),
    onSuccess: async (task) => {
      await client.invalidateQueries({ queryKey: keys.tasks })
      await navigate(`/tasks/${task.id}`)
    },
  })
  const error = templates.error ?? make.error
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        {texts.tasks.make}
      </Button>
      <Dialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={texts.tasks.makeTitle}
        centered
      >
        <form onSubmit={submit}>
          <Stack gap={16}>
            <Select
              label={texts.tasks.makeTemplate}
              data={usable.map((one) => ({ value: one.slug, label: nameOf(one) }))}
              value={template || null}
              onChange={setChosen}
              allowDeselect={false}
            />
            <TextInput
              label={texts.tasks.makeName}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={120}
              required
              data-autofocus
            />
            {faulty.map(({ slug, problem }) => (
              <Text key={slug} size="sm" c="dimmed">
                {problem}
              </Text>
            ))}
            {error && (
              <Text size="sm" c="red" role="alert">
                {error.message}
              </Text>
            )}
            <Group justify="flex-end" gap={8}>
              <Button variant="default" onClick={() => setOpened(false)}>
                {texts.office.cancel}
              </Button>
              <Button type="submit" loading={make.isPending} disabled={!name.trim() || !template}>
                {texts.tasks.makeButton}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </>
  )
}
