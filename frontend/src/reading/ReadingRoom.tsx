import { useQuery } from '@tanstack/react-query'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { Navigate, useParams } from 'react-router'
import { getMe, type Me } from '../api/me'
import { keys as queryKeys } from '../api/queries'
import { getTask } from '../api/tasks'
import { taskName } from '../kinds/words'
import { Waiting } from '../parts/Waiting'
import { texts } from '../texts'
import { type Viewer, warmViewer } from '../viewer'
import { AmendDialog } from './AmendDialog'
import { Calm } from './Calm'
import { type Dialog, runCommand, submitFrom } from './commands'
import { DiscussDialog } from './DiscussDialog'
import { FormPanel } from './FormPanel'
import { Header } from './Header'
import { handOf } from './hands'
import { ImageArea } from './ImageArea'
import { KeyBar } from './KeyBar'
import { KeysOverlay } from './KeysOverlay'
import { NoSuchRead } from './NoSuchRead'
import styles from './ReadingRoom.module.css'
import { SettingsDialog } from './SettingsDialog'
import { SkipDialog } from './SkipDialog'
import { keysNow } from './stops'
import { Troubles } from './Troubles'
import { useHeat } from './useHeat'
import { useKeys } from './useKeys'
import { useModelNote } from './useModelNote'
import { usePreferences } from './usePreferences'
import { useRegions } from './useRegions'
import { useSession } from './useSession'

/** The keys must keep working after a click, so a click takes no focus. */
function useNoFocusByMouse(room: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = room.current
    const keepFocus = (event: MouseEvent): void => event.preventDefault()
    element?.addEventListener('mousedown', keepFocus)
    return () => element?.removeEventListener('mousedown', keepFocus)
  }, [room])
}

interface RoomProps {
  task: number
  taskName: string
  me: Me
  /** One of the reader's own annotations, opened again. */
  only: number | null
}

function Room({ task, taskName, me, only }: RoomProps): ReactNode {
  const { session, state } = useSession(task, me.id, only)
  const { current, phase } = state
  const viewer = useRef<Viewer | null>(null)
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const [modelHidden, setModelHidden] = useState(false)
  const assisted = Boolean(current?.next.prediction)
  const heat = useHeat(current)
  const note = useModelNote(task, assisted)
  const preferences = usePreferences(me)
  const { keys: own, leftHanded } = preferences.now
  const digits = keysNow(current)
  const [hovered, setHovered] = useState<string | null>(null)
  const { regions, tool, drawing, place } = useRegions(session, current, viewer, hovered)

  useKeys({
    enabled: dialog === null && !state.asking,
    own,
    digit: (key) => session.key(key),
    command: (command) =>
      runCommand(command, {
        session,
        viewer: viewer.current,
        assisted,
        modelHidden,
        place,
        open: setDialog,
        toggleModel: () => setModelHidden((hidden) => !hidden),
        toggleHeat: () => {
          if (!heat.there) session.say(texts.reading.noHeat)
          const map = heat.toggle()
          if (map) viewer.current?.goTo(map.image, map.frame)
        },
      }),
    holdPan: (on) => viewer.current?.holdPan(on),
  })

  const room = useRef<HTMLDivElement>(null)
  useNoFocusByMouse(room)
  const calm = phase === 'done' || phase === 'failed'
  if (phase === 'missing') return <NoSuchRead />
  if (phase === 'done' && only !== null) return <Navigate to={`/tasks/${task}/reads`} replace />
  return (
    <div className={styles.room} ref={room} data-annotation={current?.next.annotation.id}>
      <Header
        task={task}
        taskName={taskName}
        state={state}
        note={note}
        alone={only !== null}
        onHelp={() => setDialog('keys')}
        onSettings={() => setDialog('settings')}
        onDiscuss={() => setDialog('discuss')}
      />
      {calm ? (
        <Calm
          task={task}
          failure={phase === 'failed' ? state.failure : null}
          signedOut={state.signedOut}
          today={state.progress?.mine_today ?? null}
          onAgain={() => void session.again()}
        />
      ) : (
        <main className={styles.main} data-left-handed={leftHanded || undefined}>
          <ImageArea
            open={current}
            viewer={viewer}
            regions={regions}
            tool={tool}
            modelHidden={modelHidden}
            heat={heat.shown}
            {...drawing}
            onPixels={(annotation, pixels, sentence) =>
              session.pixels(annotation, pixels, sentence ?? null)
            }
            onGap={(annotation, name, sentence) => session.gap(annotation, name, sentence)}
            onSkip={() => setDialog('skip')}
            onRefused={(sentence) => session.say(sentence)}
          />
          <FormPanel
            open={current}
            modelHidden={modelHidden}
            own={own}
            troubles={<Troubles session={session} state={state} />}
            hand={(held, at) =>
              handOf(session, held, at, { hidden: modelHidden, own, place, onHover: setHovered })
            }
            onAnswer={(slot, answer) => session.answer(slot, answer)}
            onFocusSlot={(slot) => session.focusSlot(slot)}
            onGo={(image, frame) => viewer.current?.goTo(image, frame)}
            onSubmit={() => submitFrom(session)}
          />
        </main>
      )}
      {calm ? <footer /> : <KeyBar digits={digits} own={own} model={assisted} />}
      <KeysOverlay
        opened={dialog === 'keys'}
        onClose={() => setDialog(null)}
        digits={digits}
        own={own}
        model={assisted}
      />
      <SettingsDialog
        opened={dialog === 'settings'}
        onClose={() => setDialog(null)}
        preferences={preferences}
      />
      <SkipDialog
        opened={dialog === 'skip'}
        onClose={() => setDialog(null)}
        onSkip={(reason) => {
          setDialog(null)
          session.skip(reason)
        }}
      />
      <AmendDialog opened={state.asking} onAmend={(reason) => session.amend(reason)} />
      {dialog === 'discuss' && current && (
        <DiscussDialog
          annotation={current.next.annotation}
          onClose={() => setDialog(null)}
          onFlagged={(annotation) => session.flagged(annotation)}
        />
      )}
    </div>
  )
}

export function ReadingRoom(): ReactNode {
  useEffect(warmViewer, [])
  const { taskId, annotationId } = useParams()
  const task = Number(taskId)
  const only = annotationId === undefined ? null : Number(annotationId)
  const me = useQuery({ queryKey: queryKeys.me, queryFn: getMe })
  const about = useQuery({ queryKey: queryKeys.task(task), queryFn: () => getTask(task) })
  const error = me.error ?? about.error
  const again = (): void => {
    void me.refetch()
    void about.refetch()
  }
  if (Number.isNaN(only)) return <NoSuchRead />
  if (error) return <Calm task={about.data ? task : null} failure={error.message} onAgain={again} />
  if (!me.data || !about.data) return <Waiting text={texts.reading.loadingCase} />
  return (
    <>
      <title>{`${texts.tasks.read} · ${taskName(about.data)}`}</title>
      <Room
        key={`${task} ${only}`}
        task={task}
        taskName={taskName(about.data)}
        me={me.data}
        only={only}
      />
    </>
  )
}
