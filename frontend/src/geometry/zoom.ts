import type { CanvasPoint } from './types'

/**
 * Screen pixels per image pixel.
 *
 * @param from where the pixel (0, 0) is drawn
 * @param to where the pixel (0, rows) is drawn
 * @param rows image pixels between them
 * @param deviceRatio screen pixels per CSS pixel
 */
export function magnification(
  from: CanvasPoint,
  to: CanvasPoint,
  rows: number,
  deviceRatio: number,
): number {
  return (Math.hypot(to[0] - from[0], to[1] - from[1]) / rows) * deviceRatio
}

/** "62 %", with one decimal below 10 % where a whole number says too little. */
export function percent(ratio: number): string {
  const value = ratio * 100
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`
}

/** How sure a model is: more than whole percents would say more than it knows. */
export const chanceText = (share: number): string => `${Math.round(share * 100)} %`
