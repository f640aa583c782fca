import { expect, test } from 'vitest'
import { sendable } from './files'

const file = (path: string) => ({ path, file: new File([], path) })

test('it leaves out what the machine keeps in a folder for itself', () => {
  const found = [file('s/.DS_Store'), file('s/1'), file('.git/config'), file('v1.2/IM.1')]
  expect(sendable(found).map(({ path }) => path)).toEqual(['s/1', 'v1.2/IM.1'])
})
