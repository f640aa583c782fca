export interface Change {
  topic: string
  what: string
  id: number | null
}

type ChangeListener = (change: Change | 'resync') => void

/** How long the stream may stay broken before the pages are refetched by the clock instead. */
const PATIENCE_MS = 10_000
const POLL_MS = 5_000

/** The one event stream of this tab, open while anybody listens; polling stands in while it is down. */
class EventStream {
  private readonly listeners = new Set<ChangeListener>()
  private source: EventSource | null = null
  private poll: ReturnType<typeof setInterval> | null = null
  private downSince: number | null = null
  private reopen: ReturnType<typeof setTimeout> | null = null

  listen(listener: ChangeListener): () => void {
    this.listeners.add(listener)
    if (this.listeners.size === 1) this.start()
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size === 0) this.stop()
    }
  }

  private start(): void {
    this.downSince = Date.now()
    this.connect()
    this.poll = setInterval(() => {
      if (this.downSince !== null && Date.now() - this.downSince > PATIENCE_MS) this.tell('resync')
    }, POLL_MS)
  }

  private connect(): void {
    const source = new EventSource('/api/events/')
    this.source = source
    source.onopen = () => {
      this.downSince = null
    }
    source.onerror = () => {
      this.downSince ??= Date.now()
      // A browser gives up for good after an HTTP error; then we ask again ourselves.
      if (source.readyState === EventSource.CLOSED) this.reconnectLater()
    }
    source.addEventListener('change', (event) => this.tell(parse(event.data)))
    source.addEventListener('resync', () => this.tell('resync'))
  }

  private reconnectLater(): void {
    this.source = null
    this.reopen = setTimeout(() => this.connect(), POLL_MS)
  }

  private stop(): void {
    this.source?.close()
    this.source = null
    if (this.poll) clearInterval(this.poll)
    if (this.reopen) clearTimeout(this.reopen)
  }

  private tell(change: Change | 'resync'): void {
    for (const listener of this.listeners) listener(change)
  }
}

function parse(data: string): Change | 'resync' {
  try {
    return JSON.parse(data) as Change
  } catch {
    return 'resync'
  }
}

const stream = new EventStream()

export const onChange = (listener: ChangeListener): (() => void) => stream.listen(listener)
