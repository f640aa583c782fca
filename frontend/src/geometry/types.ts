/** Branded so that one cannot be passed where the other is meant. */
type Brand<Kind extends string> = { readonly _brand: Kind }

export type Millimetres = number & Brand<'Millimetres'>

/** Column, row in continuous pixels: (0, 0) is the outer corner of the first pixel, not its middle. */
export type PixelPoint = readonly [x: number, y: number] & Brand<'PixelPoint'>

/** CSS pixels from the viewport's top left corner. */
export type CanvasPoint = readonly [x: number, y: number] & Brand<'CanvasPoint'>

export const millimetres = (value: number): Millimetres => value as Millimetres
export const pixelPoint = (x: number, y: number): PixelPoint => [x, y] as unknown as PixelPoint
export const canvasPoint = (x: number, y: number): CanvasPoint => [x, y] as unknown as CanvasPoint
