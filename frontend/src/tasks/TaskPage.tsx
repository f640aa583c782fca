import { Button, Skeleton, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ComponentType, type ReactNode, useEffect } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { keys } from '../api/queries'
import { getTask, type Task } from '../api/tasks'
import { DatasetsTab } from '../data/DatasetsTab'
import { taskName } from '../kinds/words'
import { Nowhere } from '../parts/Nowhere'
import { Heading } from '../parts/Page'
import { Loaded } from '../parts/States'
import { texts } from '../texts'
import { ModelsTab } from '../training/ModelsTab'
import { TrainingTab } from '../training/TrainingTab'
import { warmViewer } from '../viewer'
import { FormTab } from './FormTab'
import { Overview } from './Overview'
import { ReadsTab } from './ReadsTab'
import { SettingsTab } from './SettingsTab'
import { WorklistTab } from './WorklistTab'

const { tabs } = texts.tasks

const TABS: Record<keyof typeof tabs, ComponentType<{ task: Task }>> = {
  overview: Overview,
  worklist: WorklistTab,
  reads: ReadsTab,
  training: TrainingTab,
  models: ModelsTab,
  datasets: DatasetsTab,
  form: FormTab,
  settings: SettingsTab,
}

const isTab = (name: string | undefined): name is keyof typeof tabs =>
  !!name && Object.hasOwn(TABS, name)

function TaskTabs({ task }: { task: Task }): ReactNode {
  const { tab: shown = 'overview', one } = useParams()
  const navigate = useNavigate()
  // models alone have pages of their own
  if (!isTab(shown) || (one !== undefined && shown !== 'models')) return <Nowhere />
  const Shown = TABS[shown]
  return (
    <>
      <Heading
        title={taskName(task)}
        actions={
          <Button
            component={Link}
            to={`/read/${task.id}`}
            size="md"
            px={32}
            disabled={task.counts.waiting === 0}
            data-testid="read"
          >
            {texts.tasks.read}
          </Button>
        }
      />
      <Tabs
        value={shown}
        onChange={(value) => void navigate(`/tasks/${task.id}/${value ?? ''}`)}
        mb={24}
      >
        <Tabs.List>
          {Object.entries(tabs).map(([name, label]) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <Shown task={task} />
    </>
  )
}

/** One task: how far it is, what learns, how good it is. */
export function TaskPage(): ReactNode {
  useEffect(warmViewer, [])
  const id = Number(useParams().taskId)
  const query = useQuery({ queryKey: keys.task(id), queryFn: () => getTask(id) })
  return (
    <Loaded query={query} skeleton={<Skeleton height={320} />}>
      {(task) => <TaskTabs task={task} />}
    </Loaded>
  )
}
