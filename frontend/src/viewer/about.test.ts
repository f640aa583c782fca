import { expect, test } from 'vitest'
import { aboutFrame } from './about'

const header = (modality: string, calibrated?: string) => ({
  '00080060': { vr: 'CS', Value: [modality] },
  '00280030': { vr: 'DS', Value: [0.2, 0.2] },
  ...(calibrated ? { '00280A02': { vr: 'CS', Value: [calibrated] } } : {}),
})
const plane = (modality: string, calibrated?: string) =>
  aboutFrame(header(modality, calibrated), 1, []).spacing?.plane

test('a projection that nobody calibrated is measured at the detector, whichever attribute says so', () => {
  expect([plane('CR'), plane('DX')]).toEqual(['detector', 'detector'])
  expect([plane('DX', 'FIDUCIAL'), plane('CR', 'GEOMETRY')]).toEqual(['patient', 'patient'])
  expect([plane('MR'), plane('CT')]).toEqual(['patient', 'patient'])
})
