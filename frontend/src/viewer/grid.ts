/** Runs after the browser has painted the frame which is being prepared now. */
export function afterPaint(then: () => void): void {
  requestAnimationFrame(() => {
    const channel = new MessageChannel()
    channel.port1.onmessage = then
    channel.port2.postMessage(null)
  })
}

/** So many equal tracks of whole pixels with a pixel between them; the last has what is left over. */
export function tracks(pixels: number, count: number): string {
  const each = Math.floor((pixels - (count - 1)) / count)
  return [...Array(count - 1).fill(`${each}px`), 'minmax(0, 1fr)'].join(' ')
}
