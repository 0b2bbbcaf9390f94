import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml'
import { inLane } from '../../../../test/lane.ts'
import { createEntryReader } from './read.ts'
import { readBlockStyle } from './block-style.ts'

const runs = inLane(1000, 100_000)

/** All that the rest of the package looks at. */
function outline(node: unknown): unknown {
  if (isMap(node))
    return {
      flow: node.flow === true,
      pairs: node.items.map(({ key, value }) => [outline(key), outline(value)]),
    }
  if (isSeq(node)) return { flow: node.flow === true, items: node.items.map(outline) }
  if (isScalar(node)) {
    const { value, source, type, tag, anchor, range } = node
    return { value, source, type, tag, anchor, start: range?.[0], end: range?.[1] }
  }
  return isAlias(node) ? node.source : isNode(node) ? 'node' : node
}

const read = (text: string) => readBlockStyle(text, createEntryReader())

const values = fc.constantFrom(
  '',
  'x',
  'v1.2.3',
  '1.10',
  '0644',
  'null',
  '~',
  'true',
  'No',
  '-1',
  '1e3',
  '.5',
  'a b',
  'a: b',
  'a#b',
  'a #b',
  '"q"',
  "'s'",
  '"a\\nb"',
  "'it''s'",
  '"open',
  '[a, b]',
  '{a: 1}',
  '|',
  '>-',
  '&a x',
  '*a',
  '!t x',
  '- x',
  ':x',
  '?x',
  '-x',
  'http://a:1/b',
  '@a',
  '%a',
  'ä🎉',
  '\ttab',
  'x\t',
  '#c',
  'x  # c',
  ' # c',
  '"q" # c',
  '---',
  '...',
)
const keys = fc.constantFrom(
  'a:',
  'b:',
  'a.b/c:',
  '1:',
  '"q":',
  "'s':",
  '? a',
  '<<:',
  'a b:',
  'null:',
  ':',
  '-:',
)
const lines = fc
  .tuple(
    fc.nat({ max: 4 }),
    fc.constantFrom('', '- ', '- - ', '-', '-   '),
    fc.option(keys, { nil: '' }),
    fc.constantFrom(' ', '  ', ''),
    values,
  )
  .map(([indent, dash, key, space, value]) => ' '.repeat(indent) + dash + key + space + value)
const others = fc.constantFrom(
  '',
  '   ',
  '# c',
  '   # d',
  '---',
  '--- x',
  '...',
  '%YAML 1.1',
  '\t',
  'x',
  '\ufeff',
)
const texts = fc
  .tuple(
    fc.array(fc.oneof({ weight: 6, arbitrary: lines }, others), { maxLength: 9 }),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([all, eol, bom, last]) => (bom ? '\ufeff' : '') + all.join(eol) + (last ? eol : ''))

test('whatever it reads is what a whole parser reads', () => {
  let count = 0
  fc.assert(
    fc.property(texts, text => {
      const found = read(text)
      if (found === undefined) return
      count++
      const whole = createEntryReader()(text, 0)
      expect(found.documents.map(({ contents }) => outline(contents))).toEqual(
        whole?.documents.map(({ contents }) => outline(contents)),
      )
      expect(found.comments).toEqual(whole?.comments)
    }),
    { numRuns: runs, examples: [['a: \n\ufeff\n a: '], ['\t\n a: \na: ']] },
  )
  expect(count).toBeGreaterThan(runs / 20)
})
