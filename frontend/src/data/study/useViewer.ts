import { type RefObject, useEffect, useRef, useState } from 'react'
import { loadViewer, oneStack, type View, type Viewer, type ViewerImage } from '../../viewer'

interface Showing {
  element: RefObject<HTMLDivElement | null>
  viewer: RefObject<Viewer | null>
  view: View | null
  /** The picture that is asked for stands on the screen. */
  painted: boolean
  sentence: string | null
}

/** A viewer that lives as long as its element and shows one image after the other. */
export function useViewer(image: ViewerImage): Showing {
  const element = useRef<HTMLDivElement>(null)
  const viewer = useRef<Viewer | null>(null)
  const creating = useRef<Promise<Viewer> | null>(null)
  const [view, setView] = useState<View | null>(null)
  const [painted, setPainted] = useState('')
  const [sentence, setSentence] = useState<string | null>(null)
  const uid = image.sop_instance_uid
  const wanted = useRef(image)
  wanted.current = image

  // biome-ignore lint/correctness/useExhaustiveDependencies: uid and frame stand for the image
  useEffect(() => {
    let gone = false
    const create = async (): Promise<Viewer> => {
      const { createViewer } = await loadViewer()
      if (!element.current) throw new Error('')
      return createViewer(element.current, {
        onPainted: setPainted,
        onView: setView,
        onLost: setSentence,
      })
    }
    const show = async (): Promise<void> => {
      creating.current ??= create()
      viewer.current = await creating.current
      if (!gone) await viewer.current.show(oneStack([wanted.current]))
    }
    setSentence(null)
    show().catch((reason: Error) => {
      if (!gone) setSentence(reason.message)
    })
    return () => {
      gone = true
    }
  }, [uid, image.frame])

  useEffect(
    () => () => {
      void creating.current?.then((made) => made.destroy()).catch(() => undefined)
      creating.current = null
    },
    [],
  )
  return { element, viewer, view, painted: painted === uid, sentence }
}
