import { expect, test } from 'vitest'
import { type NamedFile, parcels } from './files'

const file = (path: string, size = 1): NamedFile => ({
  path,
  file: new File(['x'.repeat(size)], path),
})

const paths = (files: NamedFile[][]): string[][] => files.map((one) => one.map(({ path }) => path))

test('it sends a CSV with every parcel, because it names files of all of them', () => {
  const files = [file('a.png'), file('labels.csv'), file('b.png'), file('c.png')]
  expect(paths(parcels(files, 2, 100))).toEqual([
    ['labels.csv', 'a.png', 'b.png'],
    ['labels.csv', 'c.png'],
  ])
})

test('it keeps a parcel below the size, but sends a larger file all the same', () => {
  const files = [file('a', 60), file('b', 60), file('c', 500)]
  expect(paths(parcels(files, 50, 100))).toEqual([['a'], ['b'], ['c']])
})

test('it leaves out what operating systems hide in folders', () => {
  expect(paths(parcels([file('s/.DS_Store'), file('s/1')], 9, 9))).toEqual([['s/1']])
})

test('it sends a CSV alone, so that the server says what is missing', () => {
  expect(paths(parcels([file('labels.csv')], 9, 9))).toEqual([['labels.csv']])
})
