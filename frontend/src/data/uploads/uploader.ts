import { cancelUpload, openUpload, startIngest } from '../../api/uploads'
import { texts } from '../../texts'
import type { NamedFile } from '../files'
import { addressOf, forget, halves, mark, markArrived, remember } from './sent'
import { type Transfer, transfer, takeBack as tusTakeBack } from './tus'

const AT_ONCE = 3
/** Progress comes by the dozen a second; nobody reads faster than this. */
const TELL_MS = 200

type FileState = 'waiting' | 'sending' | 'sent' | 'failed'

export interface OutgoingFile extends NamedFile {
  state: FileState
  sent: number
  sentence: string
  transfer: Transfer | null
  /** Where at the server its bytes go. */
  address: string | null
}

/** `stuck`: everything that could be sent was, and some of it, or the start, failed. */
export type Phase = 'idle' | 'opening' | 'sending' | 'paused' | 'stuck' | 'starting'

export interface Progress {
  phase: Phase
  upload: number | null
  files: readonly OutgoingFile[]
  counts: Record<FileState, number>
  bytes: number
  sentBytes: number
  etaSeconds: number | null
  retrying: boolean
  sentence: string
  /** The upload whose files have all arrived: its report is what to look at next. */
  arrived: number | null
}

/** Sends one delivery. It belongs to the tab, not to a page: other pages may be looked at meanwhile. */
export class Uploader {
  constructor(
    private readonly transferOf: typeof transfer = transfer,
    private readonly takeBack: (address: string) => Promise<void> = tusTakeBack,
  ) {}

  private phase: Phase = 'idle'
  private upload: number | null = null
  private files: OutgoingFile[] = []
  private retrying = false
  private sentence = ''
  private arrived: number | null = null
  private startedAt = 0
  private bytesBefore = 0
  private timer: ReturnType<typeof setTimeout> | null = null
  private readonly listeners = new Set<() => void>()
  private told: Progress = this.progress()

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly get = (): Progress => this.told

  get isBusy(): boolean {
    return this.phase !== 'idle'
  }

  /** Opens a delivery, or goes on with one, and sends these files. */
  async send(files: readonly NamedFile[], goOnWith: number | null = null): Promise<void> {
    if (this.isBusy || files.length === 0) return
    this.files = files.map((file) => ({
      ...file,
      state: 'waiting',
      sent: 0,
      sentence: '',
      transfer: null,
      address: null,
    }))
    this.enter('opening')
    try {
      this.upload = goOnWith ?? (await openUpload()).id
    } catch (error) {
      return this.stick((error as Error).message)
    }
    this.resume()
  }

  readonly pause = (): void => {
    if (this.phase !== 'sending') return
    for (const file of this.files) {
      if (file.state !== 'sending') continue
      file.transfer?.stop()
      file.state = 'waiting'
    }
    this.enter('paused')
  }

  readonly resume = (): void => {
    this.bytesBefore = this.sentBytes()
    this.startedAt = Date.now()
    this.enter('sending')
    this.fill()
  }

  /** Once more what failed: the files, the start, or the opening. */
  readonly again = (): void => {
    for (const file of this.files) if (file.state === 'failed') file.state = 'waiting'
    if (this.upload !== null) {
      this.resume()
      return
    }
    this.phase = 'idle'
    void this.send(this.files)
  }

  /** Starts the ingest. What could not be sent stays out: half of a file must not wait at the server. */
  readonly ingest = async (): Promise<void> => {
    const { upload } = this
    if (upload === null) return
    const failed = this.files.filter(({ state }) => state === 'failed')
    const broken = [...failed.flatMap(({ address }) => address ?? []), ...halves(upload)]
    this.enter('starting')
    try {
      await Promise.all([...new Set(broken)].map(this.takeBack))
      await startIngest(upload)
    } catch (error) {
      return this.stick((error as Error).message)
    }
    forget(upload)
    this.arrived = upload
    this.reset()
  }

  readonly cancel = async (): Promise<void> => {
    const { upload } = this
    for (const file of this.files) if (file.state === 'sending') file.transfer?.stop()
    this.reset()
    if (upload === null) return
    forget(upload)
    // A delivery that cannot be cancelled now stands in the list, where it can be dropped later.
    await cancelUpload(upload).catch(() => undefined)
  }

  /** The page has gone on to the report. */
  readonly seen = (): void => {
    this.arrived = null
    this.tell()
  }

  private fill(): void {
    if (this.phase !== 'sending') return
    let free = AT_ONCE - this.files.filter(({ state }) => state === 'sending').length
    for (const file of this.files) {
      if (free === 0) break
      if (file.state !== 'waiting') continue
      free -= 1
      file.state = 'sending'
      void this.begin(file)
    }
    if (this.files.every(({ state }) => state === 'sent')) void this.ingest()
    else if (this.files.every(({ state }) => state === 'sent' || state === 'failed')) this.stick('')
    this.tellSoon()
  }

  private async begin(file: OutgoingFile): Promise<void> {
    const { upload } = this
    if (upload === null) return
    if (!file.transfer) {
      const marked = await mark(file.path, file.file)
      file.transfer = this.transferOf(upload, file, addressOf(upload, marked), {
        onAddress: (address) => {
          file.address = address
          remember(upload, marked, address)
        },
        onProgress: (bytes) => {
          file.sent = bytes
          this.retrying = false
          this.tellSoon()
        },
        onRetry: () => {
          this.retrying = true
          this.tellSoon()
        },
        onSent: () => {
          markArrived(upload, marked)
          this.end(file, 'sent', '')
        },
        onFailed: (sentence) => this.end(file, 'failed', sentence),
      })
    }
    if (file.state === 'sending') file.transfer.start()
  }

  private end(file: OutgoingFile, state: 'sent' | 'failed', sentence: string): void {
    if (file.state !== 'sending') return
    file.state = state
    file.sentence = sentence
    file.sent = state === 'sent' ? file.file.size : 0
    this.fill()
  }

  private stick(sentence: string): void {
    this.sentence = sentence
    this.enter('stuck')
  }

  private reset(): void {
    this.files = []
    this.upload = null
    this.enter('idle')
  }

  private enter(phase: Phase): void {
    this.phase = phase
    this.retrying = false
    if (phase !== 'stuck') this.sentence = ''
    window.removeEventListener('beforeunload', askBeforeLeaving)
    if (phase !== 'idle') window.addEventListener('beforeunload', askBeforeLeaving)
    this.tell()
  }

  private sentBytes(): number {
    return this.files.reduce((sum, file) => sum + file.sent, 0)
  }

  private progress(): Progress {
    const counts = { waiting: 0, sending: 0, sent: 0, failed: 0 }
    for (const { state } of this.files) counts[state] += 1
    const bytes = this.files.reduce((sum, { file }) => sum + file.size, 0)
    const sentBytes = this.sentBytes()
    const rate = (sentBytes - this.bytesBefore) / Math.max(1, Date.now() - this.startedAt)
    return {
      phase: this.phase,
      upload: this.upload,
      files: this.files,
      counts,
      bytes,
      sentBytes,
      etaSeconds: this.phase === 'sending' && rate > 0 ? (bytes - sentBytes) / rate / 1000 : null,
      retrying: this.retrying,
      sentence: this.sentence,
      arrived: this.arrived,
    }
  }

  private tellSoon(): void {
    this.timer ??= setTimeout(() => this.tell(), TELL_MS)
  }

  private tell(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    this.told = this.progress()
    for (const listener of this.listeners) listener()
  }
}

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault()
  event.returnValue = texts.upload.leaving
}

export const uploader = new Uploader()
