/** An image that cannot be shown, however often it is asked for; its message is a sentence for the reader. */
export class Lost extends Error {}

/** Rejects when nothing of a case can be shown, or when the trouble is not that of single images. */
export async function unlessAllLost(panes: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(panes)
  const reasons = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  const grave = reasons.find((reason) => !(reason instanceof Lost))
  if (grave) throw grave
  if (reasons.length === ended.length && reasons.length) throw reasons[0]
}
