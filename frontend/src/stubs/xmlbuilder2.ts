// vtk.js imports xmlbuilder2 for its XML writers, which no page of ours uses.
const unused = (): never => {
  throw new Error('XML writing is not part of this build.')
}

export const create = unused
export const convert = unused
export const builder = unused
export const fragment = unused
