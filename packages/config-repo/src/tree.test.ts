import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { createMatcher, parseBlobs, selectFiles } from './tree.ts'

const paths = ['a.yaml', 'b/a.yaml', 'b/c/a.yaml', 'b/.hidden.yaml', 'b/[x].yaml', 'b/link.yaml', 'b/module']
const modes: Record<string, string> = { 'b/link.yaml': '120000', 'b/module': '160000' }
const entries = paths.map(path => ({ path, mode: modes[path] ?? '100644', oid: '1'.repeat(40) }))

test.each([
  [{ globs: ['*.yaml'] }, ['a.yaml']],
  [{ globs: ['**/a.yaml'] }, ['a.yaml', 'b/a.yaml', 'b/c/a.yaml']],
  [{ globs: ['**/*.yaml', '!b/c/**'] }, ['a.yaml', 'b/a.yaml', 'b/[x].yaml']],
  [{ globs: ['b/{a,c/a}.yaml'] }, ['b/a.yaml', 'b/c/a.yaml']],
  [{ globs: ['b/.*.yaml'] }, ['b/.hidden.yaml']],
  [{ paths: ['b/[x].yaml'] }, ['b/[x].yaml']],
  [{ globs: ['b/*'] }, ['b/a.yaml', 'b/[x].yaml']],
])('%j', (patterns, expected) => {
  expect(selectFiles(entries, [patterns]).map(({ path }) => path)).toEqual(expected)
})

test.each([
  ['nowhere.yaml', 'file-missing'],
  ['b/link.yaml', 'symlink'],
  ['b/module', 'submodule'],
])('%s is refused as %s', (path, code) => {
  expect(() => selectFiles(entries, [{ paths: [path] }])).toThrow(expect.objectContaining({ code }))
})

test('nothing matches no pattern', () => {
  expect(createMatcher({})('a')).toBe(false)
})

const blob = (path: string, bytes: Uint8Array) => ({
  path,
  bytes,
  mode: '100644',
  oid: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
})

const batch = (blobs: ReturnType<typeof blob>[]) =>
  Buffer.concat(
    blobs.flatMap(({ oid, bytes }) => [
      Buffer.from(`${oid} blob ${bytes.length}\n`),
      bytes,
      Buffer.from('\n'),
    ]),
  ).toString()

describe('blobs', () => {
  test('come back byte for byte', () => {
    const blobs = ['', '\ufeffa: ö\r\n', 'no end', '\n\n', 'x blob 3\nfoo\n'].map((text, index) =>
      blob(`${index}`, Buffer.from(text)),
    )
    expect(parseBlobs(batch(blobs), blobs).map(bytes => Buffer.from(bytes).toString())).toEqual(
      blobs.map(({ bytes }) => Buffer.from(bytes).toString()),
    )
  })

  test('that are not UTF-8 are refused by name', () => {
    const blobs = [
      blob('good', Buffer.from('ok')),
      blob('bad', Buffer.of(0x61, 0xe4)),
      blob('after', Buffer.from('ok')),
    ]
    expect(() => parseBlobs(batch(blobs), blobs)).toThrow('bad is not valid UTF-8.')
  })
})
