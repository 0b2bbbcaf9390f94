import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { parseDocument, parseAllDocuments } from 'yaml'
import { inLane } from '../../../test/lane.ts'
import { editManifest } from './edit.ts'
import { applyEdits } from './splice.ts'
import type { Update } from './types.ts'

const runs = inLane(400, 100_000)
const encode = (text: string) => new TextEncoder().encode(text)
const shop: Update = {
  kind: 'image',
  repository: 'reg.example/shop',
  tag: 'v2.0.0',
  digest: `sha256:${'b'.repeat(64)}`,
}

const eols = fc.constantFrom('\n', '\r\n')
const tags = fc.constantFrom('v1', '"v1"', "'1.10'", '1.10', 'on', '2024-01-01', '&t v1', '!!str 12', '')
const noise = fc.constantFrom(
  '',
  '# kept # comment',
  '',
  'other: {a: [1, ~, 0644], b: "ä\\n"}',
  'text: |',
  'y: yes  # x',
  'd: 2024-08-08',
)
const lineComments = fc.constantFrom('', ' # {"$imagepolicy": "ns:p:tag"}', '\t# tab', '   ')

/** Lines with keys of their own. */
const block = (lines: string[]) =>
  lines.flatMap((line, index) =>
    line === 'text: |'
      ? [`text${index}: |`, '  keep  ', '', '   me']
      : [line.replace(/^(\w+):/, `$1${index}:`)],
  )

/** A kustomization, values or a Deployment, with quirks around what is edited. */
const manifests = fc
  .record({
    eol: eols,
    tag: tags,
    before: fc.array(noise, { maxLength: 4 }),
    after: fc.array(noise, { maxLength: 4 }),
    comment: lineComments,
    bom: fc.boolean(),
    last: fc.boolean(),
    docs: fc.integer({ min: 0, max: 2 }),
    shape: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ eol, tag, before, after, comment, bom, last, docs, shape }) => {
    const shapes = [
      ['images:', '- name: reg.example/shop', `  newTag: ${tag}${comment}`, '', '- name: db'],
      ['image:', '    repository: reg.example/shop', `    tag: ${tag}${comment}`, '    digest: ""'],
      ['spec:', '  containers:', '  -   name: a', `      image: reg.example/shop:v1${comment}`],
      [`image: { repository: reg.example/shop , tag: ${tag.replace(/^$/, 'x')}, digest: '' }${comment}`],
    ]
    const middle = shapes[shape] ?? []
    const lines = [
      ...block(before),
      ...middle,
      ...block(after).map(line => line.replace(/^(\w+?)(\d+):/, '$1x$2:')),
    ]
    const documents = Array.from({ length: docs }, (_, index) => ['---', `n: ${index} # n`]).flat()
    const text = [...lines, ...documents].join(eol) + (last ? eol : '')
    return { text: (bom ? '\ufeff' : '') + text, file: shape === 0 ? 'kustomization.yaml' : 'values.yaml' }
  })

describe('for every manifest', () => {
  test('all bytes outside of the edits stay, and the same again does nothing', () => {
    fc.assert(
      fc.property(manifests, ({ text, file }) => {
        const { edits, after, changes, before } = editManifest(file, encode(text), [shop], 0)
        expect(before).toBe(text)
        expect(changes.length).toBeGreaterThan(0)
        let at = 0
        let rest = after
        for (const edit of edits) {
          const kept = text.slice(at, edit.offset)
          expect(rest.startsWith(kept + edit.text)).toBe(true)
          rest = rest.slice(kept.length + edit.text.length)
          at = edit.offset + edit.length
        }
        expect(rest).toBe(text.slice(at))
        for (const line of text
          .split('\n')
          .filter(candidate => !/tag:|Tag:|digest:|image:|name: reg/.test(candidate))) {
          expect(after).toContain(line)
        }
        expect(editManifest(file, encode(after), [shop], 0).edits).toEqual([])
      }),
      { numRuns: runs },
    )
  })

  test('there and back is where it began', () => {
    const values = fc.tuple(fc.string(), fc.string()).filter(([a, b]) => a !== b && !/[\r\n]/.test(a + b))
    fc.assert(
      fc.property(
        values,
        fc.constantFrom('a: {b: %}', 'a:\r\n  b: %   # c\r\n', '{"a": {"b": %}}'),
        ([one, two], shape) => {
          const text = shape.replace('%', () => JSON.stringify(one))
          const there = editManifest('x.yaml', encode(text), [to(two)], 0)
          expect(parseDocument(there.after).getIn(['a', 'b'])).toBe(two)
          const back = editManifest('x.yaml', encode(there.after), [to(one)], 0)
          expect(parseDocument(back.after).toJS()).toEqual(parseDocument(text).toJS())
        },
      ),
      { numRuns: runs },
    )
  })

  test('only the addressed values differ in the tree', () => {
    fc.assert(
      fc.property(manifests, ({ text, file }) => {
        const { after, changes } = editManifest(file, encode(text), [shop], 0)
        const [old, now] = [leavesOf(text), leavesOf(after)]
        const wanted = new Set(changes.map(({ document, path }) => `${document}:${path}`))
        for (const path of new Set([...old.keys(), ...now.keys()])) {
          if (!wanted.has(path)) expect([path, now.get(path)]).toEqual([path, old.get(path)])
        }
      }),
      { numRuns: runs },
    )
  })
})

const to = (value: string): Update => ({ kind: 'value', path: 'a.b', value: { kind: 'string', text: value } })

/** Of all documents, by index and path. */
function leavesOf(text: string): Map<string, unknown> {
  const documents = parseAllDocuments(text, { uniqueKeys: false })
  return new Map(documents.flatMap((document, index) => [...leaves(document.toJS(), `${index}:`)]))
}

function* leaves(value: unknown, path: string): Generator<[string, unknown]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* leaves(item, `${path}[${index}]`)
  } else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    for (const [key, item] of Object.entries(value))
      yield* leaves(item, path.endsWith(':') ? path + key : `${path}.${key}`)
  } else yield [path, value]
}

test('edits at one offset keep their order, and removal comes last', () => {
  const edits = [
    { offset: 1, length: 1, text: '' },
    { offset: 1, length: 0, text: 'x' },
    { offset: 1, length: 0, text: 'y' },
  ]
  expect(applyEdits('abc', edits)).toBe('axyc')
})
