import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useNavigate } from 'react-router'
import { keys } from '../api/queries'
import { createTask } from '../api/tasks'
import { texts } from '../texts'

/** Staff make a task from a template; its cases are built on the task's own page. */
export function NewTask(): ReactNode {
  const [opened, setOpened] = useState(false)
  const [template, setTemplate] = useState<string>(texts.tasks.templates[0]?.value ?? '')
  const [name, setName] = useState('')
  const client = useQueryClient()
  const navigate = useNavigate()
  const make = useMutation({
    mutationFn: () => createTask(template, name.trim()),
    onSuccess: async (task) => {
      await client.invalidateQueries({ queryKey: keys.tasks })
      await navigate(`/tasks/${task.id}`)
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        {texts.tasks.make}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={texts.tasks.makeTitle}
        centered
      >
        <form onSubmit={submit}>
          <Stack gap={16}>
            <Select
              label={texts.tasks.makeTemplate}
              data={texts.tasks.templates}
              value={template}
              onChange={(value) => setTemplate(value ?? '')}
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
            {make.error && (
              <Text size="sm" c="red" role="alert">
                {make.error.message}
              </Text>
            )}
            <Group justify="flex-end" gap={8}>
              <Button variant="default" onClick={() => setOpened(false)}>
                {texts.office.cancel}
              </Button>
              <Button type="submit" loading={make.isPending} disabled={!name.trim()}>
                {texts.tasks.makeButton}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
