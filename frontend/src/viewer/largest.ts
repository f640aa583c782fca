let longest: number | null = null

/** The longest side, in pixels, of an image that the graphics of this machine hold; a longer one is drawn black. */
export function longestSide(): number {
  longest ??= askGraphics()
  return longest
}

/** Without graphics the engine says so itself. */
function askGraphics(): number {
  const graphics = document.createElement('canvas').getContext('webgl2')
  if (!graphics) return Number.POSITIVE_INFINITY
  const found: number = graphics.getParameter(graphics.MAX_TEXTURE_SIZE)
  graphics.getExtension('WEBGL_lose_context')?.loseContext()
  return found
}
