import { expect, test } from '@jest/globals'
import { assert, property, string } from 'fast-check'
import { descriptionOf } from './description.ts'

const long = `${'word '.repeat(27)}12345`

test.each<{ what: string; text: string; description: string }>`
  what                         | text                         | description
  ${'short'}                   | ${'It is live.'}             | ${'It is live.'}
  ${'lines'}                   | ${' a\r\n b\tc\u2028d '}     | ${'a b c d'}
  ${'140 characters'}          | ${long}                      | ${long}
  ${'a word more'}             | ${`${long} more`}            | ${`${long.slice(0, 134)}…`}
  ${'a word that ends at 139'} | ${`${long.slice(0, 139)} x`} | ${`${long.slice(0, 139)}…`}
  ${'one word'}                | ${'x'.repeat(141)}           | ${`${'x'.repeat(139)}…`}
  ${'what GitHub cannot hold'} | ${'done 🎉'}                 | ${'done \ufffd'}
`('$what', ({ text, description }) => {
  expect(descriptionOf(text)).toBe(description)
})

test('it is always one line that GitHub takes', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 400 }), text => {
      const description = descriptionOf(text)
      expect(description.length).toBeLessThanOrEqual(140)
      // eslint-disable-next-line no-control-regex
      expect(description).not.toMatch(/[\0-\x1f\ud800-\udfff]/)
    }),
  )
})
