import { describe, expect, test } from '@jest/globals'
import { fateOf, fateOfAll } from './fate.ts'

const file = (...lines: string[]) => `${lines.join('\n')}\n`
const before = file('images:', '  - name: shop', '    newTag: 1.0', '  - name: web', '    newTag: 1.0')
const ours = file('images:', '  - name: shop', '    newTag: 2.0', '  - name: web', '    newTag: 1.0')

describe('what a newer commit made of our line', () => {
  test.each<[string, string | undefined, string]>([
    ['the same file', ours, 'kept'],
    ['another line added', `${ours}# note\n`, 'kept'],
    ['indented otherwise', ours.replace('    newTag: 2.0', '  newTag: 2.0'), 'kept'],
    ['the file of before', before, 'reverted'],
    ['our line put back, another one added', `${before}# note\n`, 'reverted'],
    ['a newer value', ours.replace('2.0', '3.0'), 'changed'],
    [
      'a newer value, and the other entry follows',
      ours.replace('2.0', '3.0').replace('1.0', '3.0'),
      'changed',
    ],
    ['the file is gone', undefined, 'changed'],
  ])('%s: %s', (_, live, fate) => {
    expect(fateOf({ before, ours, live })).toBe(fate)
  })
})

test('a file that our commit made, and that is gone again, is reverted', () => {
  expect(fateOf({ before: undefined, ours, live: undefined })).toBe('reverted')
})

test('of several files the worst counts', () => {
  const kept = { before, ours, live: ours }
  expect(fateOfAll([])).toBe('kept')
  expect(fateOfAll([kept, { before, ours, live: undefined }])).toBe('changed')
  expect(fateOfAll([kept, { before, ours, live: undefined }, { before, ours, live: before }])).toBe(
    'reverted',
  )
})
