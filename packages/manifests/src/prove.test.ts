import { describe, expect, test } from '@jest/globals'
import { locate } from './locate.ts'
import { parseManifest } from './manifest.ts'
import { prove, ProofFailed } from './prove.ts'
import type { Edit, Update } from './types.ts'

const text = '# head\na: {b: 1, c: &x two} # tail\nd: [*x, "3"]\n---\ne: 4\n'
const old = parseManifest('x.yaml', text, 'yaml')
const update: Update = { kind: 'value', path: 'a.b', value: { kind: 'as-found', text: '7' } }
const wishes = locate(old, update).flatMap(spot => spot.wishes)

/** One edit that turns `from` into `to`. */
function replace(from: string, to: string): { after: string; edits: Edit[] } {
  const offset = text.indexOf(from)
  return { after: text.replace(from, to), edits: [{ offset, length: from.length, text: to }] }
}

function attempt({ after, edits }: { after: string; edits: Edit[] }): () => void {
  return () => prove(old, after, edits, wishes)
}

test('the wished edit is proven', () => {
  expect(attempt(replace('b: 1', 'b: 7'))).not.toThrow()
})

describe('refused is an edit', () => {
  test.each<{ what: string; edit: ReturnType<typeof replace> }>`
    what                          | edit
    ${'of nothing'}               | ${{ after: text, edits: [] }}
    ${'of another value'}         | ${replace('b: 1', 'b: 8')}
    ${'of another type'}          | ${replace('b: 1', 'b: "7"')}
    ${'that adds a key'}          | ${replace('b: 1', 'b: 7, z: 0')}
    ${'that loses a key'}         | ${replace('b: 1, c: &x two', 'b: 7')}
    ${'of another key'}           | ${replace('b: 1, c: &x two', 'b: 7, C: &x two')}
    ${'of a neighbour'}           | ${replace('b: 1, c: &x two', 'b: 7, c: &x three')}
    ${'of an anchor'}             | ${replace('b: 1, c: &x two}', 'b: 7, c: &y two}')}
    ${'of a tag'}                 | ${replace('b: 1, c: &x two', 'b: 7, c: &x !!str two')}
    ${'of quotes elsewhere'}      | ${replace('b: 1, c: &x two', 'b: 7, c: &x "two"')}
    ${'of a flow map to a block'} | ${replace('a: {b: 1, c: &x two}', 'a:\n  b: 7\n  c: &x two')}
    ${'of an alias'}              | ${replace('b: 1, c: &x two} # tail\nd: [*x', 'b: 7, c: &x two} # tail\nd: [two')}
    ${'of a list'}                | ${replace('b: 1, c: &x two} # tail\nd: [*x, "3"]', 'b: 7, c: &x two} # tail\nd: [*x, "3", 4]')}
    ${'of another document'}      | ${replace('b: 1, c: &x two} # tail\nd: [*x, "3"]\n---\ne: 4', 'b: 7, c: &x two} # tail\nd: [*x, "3"]\n---\ne: 5')}
    ${'that loses a document'}    | ${replace('b: 1, c: &x two} # tail\nd: [*x, "3"]\n---\n', 'b: 7, c: &x two} # tail\nd: [*x, "3"]\n')}
    ${'that makes a comment'}     | ${{ after: text.replace('b: 1', 'b: 7').replace('# tail', '#tail'), edits: replace('b: 1', 'b: 7').edits }}
    ${'that does not parse'}      | ${replace('b: 1', 'b: [7')}
    ${'that is not the splice'}   | ${{ ...replace('b: 1', 'b: 7'), after: `${text.replace('b: 1', 'b: 7')}\n` }}
  `('$what', ({ edit }) => {
    expect(attempt(edit)).toThrow(ProofFailed)
  })
})
