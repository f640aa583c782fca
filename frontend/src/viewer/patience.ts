/** Nothing was heard for too long. */
export class Silence extends Error {}

interface Waiting {
  milliseconds: number
  /** Called with what to call at each sign of life; returns how to stop listening. */
  listen?: (heard: () => void) => () => void
}

/**
 * What `work` gives, or Silence after so long without a sign of it. Neither a request that a network swallowed nor a
 * decoder that died ever rejects by itself. A page that nobody sees draws nothing, so its time does not count.
 */
export async function unlessSilent<T>(work: Promise<T>, waiting: Waiting): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  let giveUp: (reason: Silence) => void = () => undefined
  const silence = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  const heard = (): void => {
    clearTimeout(timer)
    if (document.visibilityState !== 'hidden')
      timer = setTimeout(() => giveUp(new Silence()), waiting.milliseconds)
  }
  const deaf = waiting.listen?.(heard)
  document.addEventListener('visibilitychange', heard)
  heard()
  try {
    return await Promise.race([work, silence])
  } finally {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', heard)
    deaf?.()
  }
}
