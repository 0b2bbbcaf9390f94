import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { parseDocument } from 'yaml'
import { needsQuotes, spellString } from './scalar-text.ts'

describe('a plain string is quoted exactly when some YAML would read it as something else', () => {
  test.each([
    ...'~ null NULL y N yes No on OFF true False = <<'.split(' '),
    ...'1 -1 +1 0 007 0755 0o17 0x1F 0b11 1_000 1234567 12e34 6.8e06 1e10 e0 E-1234567 +e9 .e1 1. .5 . 1.10 1_0.5 .inf -.INF .NaN'.split(
      ' ',
    ),
    ...'1:30 190:20:30 2024-01-01 2024-1-1 2024-01-01T00:00:00Z'.split(' '),
    ...'- ? : [a] {a} #a &a *a !a |a >a \'a "a %a @a `a ,a a: --- ...'.split(' '),
    '',
    ' x',
    'x ',
    'a: b',
    'a:\tb',
    'a #b',
    '- a',
    '-\tx',
    '? a',
    'a\nb',
    '\0',
    '\x7f',
    'a\u0085b',
    'a\u2028b',
    '\ufeffa',
  ])('%j is quoted', text => {
    expect(needsQuotes(text)).toBe(true)
  })

  test.each([
    'v1.2.3',
    '1.2.3',
    '1.2.3-rc.1',
    'abc1234',
    '1e10x',
    'none',
    'nan',
    'inf',
    'a:b',
    'a#b',
    '-a',
    ':a',
    '?a',
    'a,b',
    'sha256:abc',
    'reg.example:5000/a/b:1@sha256:abc',
    '0xg',
    '08x',
    '2024-01-01-abc',
    '1-2',
    '12:99',
    'é',
    'a b',
    'a/b',
    '_1x',
    '+',
  ])('%j stays plain', text => {
    expect(needsQuotes(text)).toBe(false)
  })

  test('in flow style also for what ends a scalar there', () => {
    expect(['a,b', 'a]', 'a}', '{a'].map(text => needsQuotes(text, true))).toEqual([true, true, true, true])
  })
})

describe('whatever is written is read back as the same string', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...Array.from('01289abefxoyn_.:+-~ #TZ\t\n\'"\\,[]{}&*!|>%@`')) }),
  )
  const styles = ['PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE'] as const
  test.each(['1.1', '1.2'] as const)('by YAML %s', version => {
    fc.assert(
      fc.property(texts, fc.constantFrom(...styles), fc.boolean(), (text, style, flow) => {
        fc.pre(text.isWellFormed())
        const written = spellString(text, { style, flow, json: false })
        const source = flow ? `{a: ${written}, b: 1}` : `a: ${written}\nb: 1\n`
        expect(parseDocument(source, { version }).toJS()).toEqual({ a: text, b: 1 })
      }),
      { numRuns: 2000 },
    )
  })

  test('by JSON', () => {
    fc.assert(
      fc.property(texts, text =>
        expect(JSON.parse(spellString(text, { flow: true, json: true }))).toBe(text),
      ),
    )
  })
})
