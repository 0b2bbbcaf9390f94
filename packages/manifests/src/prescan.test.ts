import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { inLane } from '../../../test/lane.ts'
import { editManifest } from './edit.ts'
import { readManifest } from './manifest.ts'
import type { Update } from './types.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('hostile bytes are refused before they are parsed, and quickly', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['5 MB and one byte', 'a'.repeat(5_000_001), 'too-large'],
    ['Latin-1', Uint8Array.of(0x61, 0x3a, 0x20, 0xe4, 0x0a), 'not-utf8'],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0), 'not-utf8'],
    ['65 brackets', `a: ${'['.repeat(65)}`, 'too-deep'],
    ['a million brackets', '[{'.repeat(500_000), 'too-deep'],
    ['65 lists on one line', `${'- '.repeat(65)}a`, 'too-deep'],
    [
      '65 indented maps',
      Array.from({ length: 65 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      'too-deep',
    ],
    ['a million nested lists', '- '.repeat(1_000_000), 'too-deep'],
    ['a million values', `[${'1,'.repeat(1_000_000)}]`, 'too-many-values'],
    [
      'a million brackets, 60 deep',
      `[${`${'['.repeat(60)}${']'.repeat(60)},`.repeat(16_000)}]`,
      'too-many-values',
    ],
    ['lists in brackets, one a line', '- [x, y]\n'.repeat(100_000), 'too-many-values'],
    ['a hundred thousand documents', '---\na: 1\n'.repeat(100_000), 'too-many-values'],
    ['a million empty items', '-\n'.repeat(1_000_000), 'too-many-values'],
    ['101 aliases', `a: &a 1\nb: [${'*a, '.repeat(101)}]`, 'too-many-aliases'],
  ])('%s', (_, content, code) => {
    const begin = performance.now()
    const read = () => readManifest('x.yaml', typeof content === 'string' ? bytes(content) : content)
    expect(read).toThrow(expect.objectContaining({ code }))
    expect(performance.now() - begin).toBeLessThan(5000)
  })
})

describe('what only looks hostile is read', () => {
  test.each<[string, string]>([
    ['brackets in quotes', `a: "${'['.repeat(1000)}"`],
    ['brackets in a comment', `a: 1 # ${'['.repeat(1000)}`],
    ['brackets in a block', `a: |\n  ${'['.repeat(1000)}\n`],
    ['stars in a block', `a: |\n${'  * x\n'.repeat(500)}`],
    ['a long list', `a:\n${'- b: c\n'.repeat(10_000)}`],
    ['64 levels', `a: ${'['.repeat(63)}1${']'.repeat(63)}`],
    ['many documents', '---\na:\n  b: 1\n'.repeat(500)],
    [
      'siblings that are indented differently',
      Array.from({ length: 200 }, (_, n) => `a${n}:\n${' '.repeat((n % 7) + 1)}b: 1`).join('\n'),
    ],
  ])('%s', (_, content) => {
    expect(readManifest('x.yaml', bytes(content)).text).toBe(content)
  })
})

test.each([
  ['places', '- image: reg.example/shop:v1\n'.repeat(20_001)],
  [
    'manifests in strings',
    `kind: ConfigMap\ndata:\n${Array.from({ length: 10_001 }, (_, index) => ` k${index}.yaml: |\n  image: reg.example/shop:v1\n`).join('')}`,
  ],
])('%s beyond counting are refused', (_, text) => {
  const update: Update = { kind: 'image', repository: 'reg.example/shop', tag: 'v2' }
  expect(() => editManifest('x.yaml', bytes(text), [update], 0)).toThrow(
    expect.objectContaining({ code: 'too-many-places' }),
  )
})

test('5 MB of values are edited in seconds', () => {
  const text = `image:\n  repository: reg.example/shop\n  tag: v1\nlist:\n${'  - name: some-name # comment\n    value: "x"\n'.repeat(100_000)}`
  const begin = performance.now()
  const { changes } = editManifest(
    'values.yaml',
    bytes(text),
    [{ kind: 'image', repository: 'reg.example/shop', tag: 'v2' }],
    0,
  )
  expect(changes).toHaveLength(1)
  expect(performance.now() - begin).toBeLessThan(15_000)
})

describe('what is hostile to a pattern takes no longer', () => {
  test.each<[string, string]>([
    ['templates that never end', `a: b: c\n${'# {{ {% {#\n'.repeat(300_000)}`],
    ['actions in a row', `a: b: c\n${'{{}}'.repeat(500_000)}x`],
    ['long words', `${'a/b:'.repeat(200)}: 1\n`.repeat(5000)],
    ['comments that look like markers', `# {"$imagepolicy" ${'{ '.repeat(2000)}\n`.repeat(500)],
    ['one long line of a template', `a: b: c\n{{ x }}- ${'- '.repeat(500_000)}#\n`],
  ])('%s', (_, text) => {
    const update: Update = { kind: 'image', repository: 'reg.example/a', tag: 'v2' }
    const begin = performance.now()
    try {
      editManifest('x.yaml', bytes(text), [update], 0)
    } catch (error) {
      expect(error).toHaveProperty('remedy')
    }
    expect(performance.now() - begin).toBeLessThan(5000)
  })
})

test('any text at all is read or refused, in a sentence', () => {
  const runs = inLane(300, 20_000)
  const words = fc.constantFrom(
    'a: ',
    '- ',
    '? ',
    '[',
    '{',
    ']',
    '}',
    ', ',
    '|\n',
    '>-\n',
    '"',
    "'",
    '&x ',
    '*x ',
    '!t ',
    '# c',
    '\n',
    '\n  ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '{{ x }}',
    '{% y %}',
    'reg.example/shop:v1',
    'image: ',
    '\t',
    '\r\n',
    '\ufeff',
    '\x02',
    '\x18',
    '\x1f',
    '<<: ',
  )
  const updates: Update[] = [
    { kind: 'image', repository: 'reg.example/shop', tag: 'v2' },
    { kind: 'value', path: 'a', value: { kind: 'as-found', text: 'v2' } },
    { kind: 'value', path: 'a|yaml:a', value: { kind: 'as-found', text: 'v2' } },
  ]
  fc.assert(
    fc.property(
      fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 30 }),
      parts => {
        for (const update of updates) {
          try {
            editManifest('x.yaml', bytes(parts.join('')), [update], 0)
          } catch (error) {
            expect(error).toHaveProperty('remedy')
          }
        }
      },
    ),
    { numRuns: runs },
  )
})
