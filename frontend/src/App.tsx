import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router'
import { queryClient, useLive } from './api/queries'
import { DataPage } from './data/DataPage'
import { HoldsPage } from './data/holds/HoldsPage'
import { StudyPage } from './data/study/StudyPage'
import { ReportPage } from './data/uploads/ReportPage'
import { UploadPage } from './data/uploads/UploadPage'
import { JobsPage } from './jobs/JobsPage'
import { Broken } from './parts/Broken'
import { Nowhere } from './parts/Nowhere'
import { Shell } from './parts/Shell'
import { SignedIn } from './parts/SignedIn'
import { NoSuchRead } from './reading/NoSuchRead'
import { ReadingRoom } from './reading/ReadingRoom'
import { TaskPage } from './tasks/TaskPage'
import { TasksPage } from './tasks/TasksPage'
import { theme, variables } from './theme'

function Pages(): ReactNode {
  useLive()
  return (
    <Routes>
      <Route path="/read/:taskId/reads/:annotationId" element={<ReadingRoom />} />
      <Route path="/read/:taskId" element={<ReadingRoom />} />
      <Route path="/read/:taskId/*" element={<NoSuchRead />} />
      <Route path="/tasks/signed-in" element={<SignedIn />} />
      <Route element={<Shell />}>
        <Route path="/" element={<Navigate to="/tasks" replace />} />
        <Route path="/tasks" element={<TasksPage />} />
        <Route path="/tasks/:taskId/:tab?/:one?/:other?" element={<TaskPage />} />
        <Route path="/data" element={<DataPage />} />
        <Route path="/data/studies/:uid" element={<StudyPage />} />
        <Route path="/data/holds" element={<HoldsPage />} />
        <Route path="/data/upload" element={<UploadPage />} />
        <Route path="/data/uploads/:id" element={<ReportPage />} />
        <Route path="/jobs" element={<JobsPage />} />
        <Route path="*" element={<Nowhere />} />
      </Route>
    </Routes>
  )
}

/** The reading room is dark, the office is light; everything else is the same theme. */
function Themed({ children }: { children: ReactNode }): ReactNode {
  const dark = useLocation().pathname.startsWith('/read/')
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      forceColorScheme={dark ? 'dark' : 'light'}
    >
      <Broken>{children}</Broken>
    </MantineProvider>
  )
}

export function App(): ReactNode {
  return (
    <QueryClientProvider client={queryClient}>
      <BrowserRouter>
        <Themed>
          <Pages />
        </Themed>
      </BrowserRouter>
    </QueryClientProvider>
  )
}
