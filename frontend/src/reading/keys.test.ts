import { expect, test } from 'vitest'
import {
  ALL,
  COMMANDS,
  comboOf,
  commandFor,
  keyGroups,
  keysOf,
  keyText,
  mayBeBound,
  rebound,
  shiftedDigit,
} from './keys'
import { roomPreferences } from './preferences'

test('no two commands have the same key, and none a digit', () => {
  const keys = ALL.flatMap((command) => COMMANDS[command].keys)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.filter((key) => !mayBeBound(key))).toEqual([])
})

test('it knows a letter with caps lock from one with the shift key, and leaves signs as they are', () => {
  expect(comboOf({ key: 'A', shiftKey: false })).toBe('a')
  expect(comboOf({ key: 'a', shiftKey: true })).toBe('Shift+a')
  expect(comboOf({ key: '?', shiftKey: true })).toBe('?')
  expect(comboOf({ key: 'PageUp', shiftKey: true })).toBe('Shift+PageUp')
  expect(shiftedDigit({ key: '"', code: 'Digit2', shiftKey: true })).toBe('⇧2')
  expect(shiftedDigit({ key: '2', code: 'Digit2', shiftKey: true })).toBeNull()
})

test("a reader's own key stands instead of those that the command came with", () => {
  const own = rebound({}, 'undo', 'u')
  expect([commandFor('u', own), commandFor('z', own)]).toEqual(['undo', null])
})

test('a command that loses its key gets the other one in exchange', () => {
  const own = rebound({}, 'undo', 's')
  expect([commandFor('s', own), commandFor('z', own)]).toEqual(['undo', 'skip'])
  const again = rebound(own, 'undo', 'z')
  expect([commandFor('s', again), commandFor('z', again)]).toEqual(['skip', 'undo'])
})

test('every list of keys shows those in force', () => {
  const own = rebound({}, 'invert', 'Shift+PageUp')
  const lines = keyGroups('0-4', own).image.lines
  expect(lines.find(({ does }) => does === COMMANDS.invert.does)?.keys).toEqual(['⇧PgUp'])
  expect(keyText('Shift+a')).toBe('⇧A')
})

test('of stored keys it takes only commands that it knows and keys that may be bound', () => {
  const { keys, leftHanded } = roomPreferences({
    keys: { undo: 'w', formerCommand: 'q', skip: '3' },
    left_handed: true,
  })
  expect([keys, leftHanded]).toEqual([{ undo: 'w' }, true])
  expect(keysOf('skip', keys)).toEqual(['s'])
})
