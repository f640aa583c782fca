import { type Types, utilities } from '@cornerstonejs/core'
import { createImage } from '@cornerstonejs/dicom-image-loader'
import type { Encoded } from './delivery'
import { lutOf } from './headers'
import { type Lut, measured } from './modality'

export type Options = Parameters<typeof createImage>[3] & {
  /** How often columns and rows are halved. */
  decodeLevel?: number
}

/** A frame with the values that were measured; its header was loaded before. */
export async function decode(
  id: string,
  { bytes, syntax }: Encoded,
  options: Options = {},
): Promise<Types.IImage> {
  // the bytes go to the decoder; nobody else needs them
  const given = { ...options, transferPixelData: true }
  const image = (await createImage(id, bytes, syntax, given)) as Types.IImage
  const lut = lutOf(id)
  return lut && !image.color ? byTable(image, lut) : image
}

/** The loader knows a slope and an intercept alone. */
function byTable(image: Types.IImage, lut: Lut): Types.IImage {
  const scalarData = measured(image.getPixelData(), lut)
  const { columns: width, rows: height } = image
  const pixels = { scalarData, width, height, numberOfComponents: 1 }
  return {
    ...image,
    dataType: 'Uint16Array',
    minPixelValue: 0,
    maxPixelValue: 65_535,
    sizeInBytes: scalarData.byteLength,
    voxelManager: utilities.VoxelManager.createImageVoxelManager(pixels),
    getPixelData: () => scalarData,
  }
}
