import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { unifiedDiff } from './diff.ts'
import { applyEdits } from './splice.ts'
import type { Edit, Edited } from './types.ts'

function edited(before: string, edits: Edit[], file = 'app.yaml'): Edited {
  return {
    file,
    before,
    after: applyEdits(before, edits),
    edits,
    changes: [],
    held: [],
    places: [],
    notices: [],
  }
}

test('near changes share a hunk, far ones do not', () => {
  const before = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join('')
  const edits = [2, 9, 20].map(line => ({
    offset: before.indexOf(`line ${line}\n`),
    length: 4,
    text: 'LINE',
  }))
  const diff = unifiedDiff(edited(before, edits))
  expect(diff.match(/^@@.*$/gm)).toEqual(['@@ -1,13 +1,13 @@', '@@ -18,7 +18,7 @@'])
})

test('no edit, no diff', () => {
  expect(unifiedDiff(edited('a\n', []))).toBe('')
})

test('git applies every diff, and has the new text then', () => {
  const directory = mkdtempSync(join(tmpdir(), 'diff-'))
  const line = fc.constantFrom('a\n', 'b: 1\n', '\n', 'ö\r\n', '- x\n', '+ y\n')
  const edit = fc.record({
    at: fc.nat(200),
    length: fc.nat(9),
    text: fc.constantFrom('', 'z', '\nnew: 1', 'q\n', 'r\r\ns'),
  })
  try {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (lines, last, wished) => {
          const before = lines.join('') + (last ? '' : 'end')
          const edits: Edit[] = []
          for (const { at, length, text } of wished.toSorted((a, b) => a.at - b.at)) {
            const from = Math.max(
              edits.length > 0 ? (edits.at(-1)?.offset ?? 0) + (edits.at(-1)?.length ?? 0) + 1 : 0,
              at % (before.length + 1),
            )
            if (from + length <= before.length) edits.push({ offset: from, length, text })
          }
          const change = edited(before, edits, 'dir/a file.yaml')
          fc.pre(change.after !== before && change.after !== '')
          writeFileSync(join(directory, 'change.diff'), unifiedDiff(change))
          mkdirSync(join(directory, 'dir'), { recursive: true })
          writeFileSync(join(directory, 'dir/a file.yaml'), before)
          execFileSync('git', ['apply', '--whitespace=nowarn', 'change.diff'], {
            cwd: directory,
            stdio: 'pipe',
          })
          expect(readFileSync(join(directory, 'dir/a file.yaml'), 'utf8')).toBe(change.after)
        },
      ),
      { numRuns: 150 },
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
})
