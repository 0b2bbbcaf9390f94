import { describe, expect, test } from '@jest/globals'
import { assert, property, string } from 'fast-check'
import { createMasks } from './masks.ts'

const secret = 'gh/s_Ab+1 <x>"é'
const encodings: Record<string, (text: string) => string> = {
  raw: text => text,
  'base64 at 0': text => Buffer.from(text).toString('base64'),
  'base64 at 1': text => Buffer.from(`u${text}`).toString('base64'),
  'base64 at 2': text => Buffer.from(`u:${text}`).toString('base64'),
  base64url: text => Buffer.from(`user:${text}`).toString('base64url'),
  hex: text => Buffer.from(text).toString('hex'),
  'hex in capitals': text => Buffer.from(text).toString('hex').toUpperCase(),
  percent: text => encodeURIComponent(text),
  JSON: text => JSON.stringify({ text }),
  XML: text => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  capitals: text => text.toUpperCase(),
  reversed: text => text.split('').toReversed().join(''),
}

describe('a secret cannot be read in any form', () => {
  test.each(Object.keys(encodings))('%s', name => {
    const masks = createMasks()
    masks.add(secret)
    const encode = encodings[name] ?? String
    const printed = masks.redact(`before ${encode(secret)} after`)
    expect(printed).toMatch(/^before .*\*\*\*.* after$/)
    expect(printed).not.toContain(encode(secret))
  })

  test('each line of a secret with several, short lines apart', () => {
    const masks = createMasks()
    masks.add('{\n  "key": "0123456789",\n}\n')
    expect(masks.redact('x "key": "0123456789", {}')).toBe('x *** {}')
  })

  test('a text that holds no secret stays as it is', () => {
    const masks = createMasks()
    masks.add('0123456789abcdef')
    assert(property(string({ maxLength: 9 }), text => expect(masks.redact(text)).toBe(text)))
  })

  test('a short one is reported', () => {
    expect(createMasks().add('secret').short).toBe(true)
    expect(createMasks().add('long enough').short).toBe(false)
  })
})
