import { useQuery } from '@tanstack/react-query'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { useParams } from 'react-router'
import { getMe, type Me } from '../api/me'
import { keys as queryKeys } from '../api/queries'
import { getTask } from '../api/tasks'
import { slotsOf } from '../kinds/slots'
import { kindOf } from '../kinds/table'
import { Waiting } from '../parts/Waiting'
import { texts } from '../texts'
import { type Viewer, warmViewer } from '../viewer'
import { Calm } from './Calm'
import { runCommand } from './commands'
import { FormPanel } from './FormPanel'
import { Header } from './Header'
import { ImageArea } from './ImageArea'
import { KeyBar } from './KeyBar'
import { KeysOverlay } from './KeysOverlay'
import type { OpenCase } from './open'
import styles from './ReadingRoom.module.css'
import { SkipDialog } from './SkipDialog'
import { useKeys } from './useKeys'
import { useModelNote } from './useModelNote'
import { useSession } from './useSession'

type Dialog = 'keys' | 'skip' | null

function activeField(open: OpenCase | null) {
  return open && slotsOf(open.next.form).find(({ slot }) => slot === open.activeSlot)?.field
}

/** The keys must keep working after a click, so a click takes no focus. */
function useNoFocusByMouse(room: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = room.current
    const keepFocus = (event: MouseEvent): void => event.preventDefault()
    element?.addEventListener('mousedown', keepFocus)
    return () => element?.removeEventListener('mousedown', keepFocus)
  }, [room])
}

function Room({ task, taskName, me }: { task: number; taskName: string; me: Me }): ReactNode {
  const { session, state } = useSession(task, me.id)
  const { current, phase, refusals } = state
  const viewer = useRef<Viewer | null>(null)
  const [dialog, setDialog] = useState<Dialog>(null)
  const [modelHidden, setModelHidden] = useState(false)
  const assisted = Boolean(current?.next.prediction)
  const note = useModelNote(task, assisted)
  const field = activeField(current)
  const digits = field ? kindOf(field).keys(field) : '0-4'

  useKeys({
    enabled: dialog === null,
    value: (key) => {
      if (!current || !field) return false
      const value = kindOf(field).valueForKey(field, key)
      if (value !== null) session.answer(current.activeSlot, { state: 'answered', value })
      else if (key.toLowerCase() === 'n')
        session.answer(current.activeSlot, { state: 'not_assessable', value: null })
      else return false
      return true
    },
    command: (command) =>
      runCommand(command, {
        session,
        viewer: viewer.current,
        assisted,
        open: setDialog,
        toggleModel: () => setModelHidden((hidden) => !hidden),
      }),
    holdPan: (on) => viewer.current?.holdPan(on),
  })

  const room = useRef<HTMLDivElement>(null)
  useNoFocusByMouse(room)
  const calm = phase === 'done' || phase === 'failed'
  return (
    <div className={styles.room} ref={room}>
      <Header
        task={task}
        taskName={taskName}
        state={state}
        note={note}
        onHelp={() => setDialog('keys')}
      />
      {calm ? (
        <Calm
          task={task}
          failure={phase === 'failed' ? state.failure : null}
          today={state.progress?.mine_today ?? null}
          onAgain={() => void session.again()}
        />
      ) : (
        <main className={styles.main}>
          <ImageArea
            open={current}
            viewer={viewer}
            onPixels={(annotation, pixels, sentence) =>
              session.pixels(annotation, pixels, sentence ?? null)
            }
            onSkip={() => setDialog('skip')}
          />
          <FormPanel
            open={current}
            modelHidden={modelHidden}
            refusals={refusals}
            onAnswer={(slot, answer) => session.answer(slot, answer)}
            onFocusSlot={(slot) => session.focusSlot(slot)}
            onSubmit={() => session.submit()}
            onResolve={(choice) => session.resolve(choice)}
            onReturn={(refusal) => session.returnTo(refusal)}
            onDismiss={(refusal) => session.dismiss(refusal)}
          />
        </main>
      )}
      {calm ? <footer /> : <KeyBar digits={digits} model={assisted} />}
      <KeysOverlay
        opened={dialog === 'keys'}
        onClose={() => setDialog(null)}
        digits={digits}
        model={assisted}
      />
      <SkipDialog
        opened={dialog === 'skip'}
        onClose={() => setDialog(null)}
        onSkip={(reason) => {
          setDialog(null)
          session.skip(reason)
        }}
      />
    </div>
  )
}

export function ReadingRoom(): ReactNode {
  useEffect(warmViewer, [])
  const task = Number(useParams().taskId)
  const me = useQuery({ queryKey: queryKeys.me, queryFn: getMe })
  const about = useQuery({ queryKey: queryKeys.task(task), queryFn: () => getTask(task) })
  const error = me.error ?? about.error
  const again = (): void => {
    void me.refetch()
    void about.refetch()
  }
  if (error) return <Calm task={task} failure={error.message} onAgain={again} />
  if (!me.data || !about.data) return <Waiting text={texts.reading.loadingCase} />
  return (
    <>
      <title>{`${texts.tasks.read} · ${about.data.name}`}</title>
      <Room key={task} task={task} taskName={about.data.name} me={me.data} />
    </>
  )
}
