import { describe, expect, test } from '@jest/globals'
import { checkInputs } from './input-check.ts'
import { createInputReader } from './input-reader.ts'
import { UserError } from './user-error.ts'

const inputs = {
  value: { default: '10m' },
  mode: { default: 'push', later: ['pull-request'] },
  token: { secret: true },
  files: { required: true },
  sign: { default: 'false', later: true },
} as const
const reader = (value: string) => createInputReader(inputs, { value }, '/work')
const codeOf = (body: () => unknown) => {
  try {
    return body()
  } catch (error) {
    return error instanceof UserError ? error.code : error
  }
}

describe('durations', () => {
  test.each<{ text: string; milliseconds: unknown }>`
    text       | milliseconds
    ${'90s'}   | ${90_000}
    ${'5m'}    | ${300_000}
    ${'1h30m'} | ${5_400_000}
    ${'45'}    | ${45_000}
    ${''}      | ${600_000}
    ${'5 m'}   | ${'bad-duration'}
    ${'5d'}    | ${'bad-duration'}
    ${'-5s'}   | ${'bad-duration'}
    ${'1e3'}   | ${'bad-duration'}
  `('$text', ({ text, milliseconds }) => {
    expect(codeOf(() => reader(text).duration('value'))).toBe(milliseconds)
  })
})

test('a list has one item per line, without comments and blank lines', () => {
  expect(reader(' a \n\n# no\nb,c\r\n').list('value')).toEqual(['a', 'b,c'])
  expect(reader('a, b\nc').list('value', { commas: true })).toEqual(['a', 'b', 'c'])
})

describe('a path stays inside the workspace', () => {
  test.each<{ path: string; read: string }>`
    path           | read
    ${'app'}       | ${'/work/app'}
    ${'.'}         | ${'/work'}
    ${'a/../b'}    | ${'/work/b'}
    ${'..app'}     | ${'/work/..app'}
    ${'..'}        | ${'outside-workspace'}
    ${'/etc'}      | ${'outside-workspace'}
    ${'a/../../b'} | ${'outside-workspace'}
  `('$path', ({ path, read }) => {
    expect(codeOf(() => reader(path).path('value'))).toBe(read)
  })
})

test('booleans, choices and numbers are refused in the words of the user', () => {
  expect(reader('TRUE').boolean('value')).toBe(true)
  expect(() => reader('yes').boolean('value')).toThrow('"value" is "yes". Write true or false.')
  expect(() => reader('x').oneOf('value', ['push', 'pull'])).toThrow(
    '"value" is "x". Write one of: push, pull.',
  )
  expect(() => reader('1.5').integer('value', { min: 0 })).toThrow('Write a whole number from 0.')
  expect(codeOf(() => reader('a\nb').singleLine('value'))).toBe('bad-value')
})

describe('what is refused before an action begins', () => {
  test.each<{ values: Record<string, string>; sentence: string }>`
    values                                  | sentence
    ${{ files: 'a', flies: 'b' }}           | ${'There is no input "flies". Did you mean "files"?'}
    ${{ files: 'a', entirely: 'b' }}        | ${'There is no input "entirely". Take it out'}
    ${{ files: 'a', 'commit-sha': 'b' }}    | ${'There is no input "commit-sha". Write it as "commit".'}
    ${{}}                                   | ${'"files" is required.'}
    ${{ files: ' ' }}                       | ${'"files" is required and empty.'}
    ${{ files: 'a', mode: 'pull-request' }} | ${'"mode" is "pull-request", which this version cannot do yet.'}
    ${{ files: 'a', sign: 'keyless' }}      | ${'"sign" is "keyless", which this version cannot do yet.'}
  `('$values', ({ values, sentence }) => {
    const elsewhere = { 'commit-sha': 'Write it as "commit".' }
    expect(() => checkInputs({ name: 'x', inputs, outputs: [], elsewhere }, values)).toThrow(sentence)
  })

  test('defaults are never refused', () => {
    checkInputs({ name: 'x', inputs, outputs: [] }, { files: 'a', sign: 'false', mode: 'push', token: '' })
  })
})
