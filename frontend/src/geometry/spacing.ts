import { type Millimetres, millimetres } from './types'

/** Where the millimetres were measured: in the patient, or on the detector (larger than the bone is). */
type SpacingPlane = 'patient' | 'detector'

export interface Spacing {
  row: Millimetres
  column: Millimetres
  plane: SpacingPlane
}

const positive = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value) && value > 0

function spacing(pair: readonly number[] | undefined, plane: SpacingPlane): Spacing | null {
  const [row, column] = pair ?? []
  if (!positive(row) || !positive(column)) return null
  return { row: millimetres(row), column: millimetres(column), plane }
}

/**
 * Pixel Spacing (0028,0030) where calibrated, else Imager Pixel Spacing (0018,1164), else unknown. Pixel Spacing of a
 * projection that does not say how it was calibrated (`uncalibrated`) is no more than the detector's: PS3.3 10.7.1.3.
 */
export function spacingOf(
  pixelSpacing: readonly number[] | undefined,
  imagerPixelSpacing: readonly number[] | undefined,
  uncalibrated = false,
): Spacing | null {
  const detector = spacing(imagerPixelSpacing, 'detector')
  const patient = spacing(pixelSpacing, uncalibrated && !detector ? 'detector' : 'patient')
  // Projection images often repeat the detector's spacing as Pixel Spacing: then nothing was calibrated.
  if (patient && detector && patient.row === detector.row && patient.column === detector.column)
    return detector
  return patient ?? detector
}

const figure = (value: Millimetres): string => value.toFixed(3)

/** "0.143 mm (detector)", by the word for it; both numbers where pixels are not square; null when unknown. */
export function spacingText(of: Spacing | null, detector: string): string | null {
  if (!of) return null
  const size =
    of.row === of.column ? `${figure(of.row)} mm` : `${figure(of.row)} × ${figure(of.column)} mm`
  return of.plane === 'detector' ? `${size} (${detector})` : size
}
