import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { MemoryRouter } from 'react-router'
import { onTestFinished, vi } from 'vitest'

/** A dialog takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 60_000 })

const fresh = (): QueryClient => new QueryClient({ defaultOptions: { queries: { retry: false } } })
let client = fresh()

/** Until what was asked for has come and stands on the page, with what that asks for. */
async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 2; quiet = client.isFetching() + client.isMutating() ? 0 : quiet + 1)
    await act(async () => {
      await new Promise((resolve) => setTimeout(resolve, 10))
    })
}

export async function click(element: Element | null | undefined): Promise<void> {
  await act(async () => (element as HTMLElement).click())
  await settled()
}

export const button = (within: ParentNode | null, label: string): HTMLButtonElement | undefined =>
  [...(within?.querySelectorAll('button') ?? [])].find((one) => one.textContent === label)

/** Shows a page to a test; `answers` are the server's, by address, as JSON or whole. Gives what was sent, as it is sent. */
export async function show(
  page: ReactNode,
  answers: Record<string, unknown> = {},
): Promise<string[]> {
  const sent: string[] = []
  client = fresh()
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  vi.stubGlobal('fetch', async (path: string, { method = 'GET', body }: RequestInit = {}) => {
    if (method !== 'GET')
      sent.push(body === '{}' ? `${method} ${path}` : `${method} ${path} ${body}`)
    const answer = answers[path]
    if (answer instanceof Response) return answer.clone()
    const status = path in answers ? 200 : 404
    return new Response(JSON.stringify(answer ?? {}), { status })
  })
  const host = document.body.appendChild(document.createElement('div'))
  const root = createRoot(host)
  onTestFinished(async () => {
    await act(async () => root.unmount())
    host.remove()
    vi.unstubAllGlobals()
  })
  await act(async () =>
    root.render(
      <MantineProvider env="test">
        <QueryClientProvider client={client}>
          <MemoryRouter>{page}</MemoryRouter>
        </QueryClientProvider>
      </MantineProvider>,
    ),
  )
  await settled()
  return sent
}
