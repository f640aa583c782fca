import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { BrowserRouter, Route, Routes, useLocation } from 'react-router'
import { queryClient, useLive } from './api/queries'
import { ReadingRoom } from './reading/ReadingRoom'
import { theme, variables } from './theme'

function Pages(): ReactNode {
  useLive()
  return (
    <Routes>
      <Route path="/read/:taskId/*" element={<ReadingRoom />} />
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
      {children}
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
