// The string that was written is the string that is read, by every reader, wherever it stands.
import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { editManifest } from '../../packages/manifests/src/index.ts'
import { ask, describeWith, type Answer, type Tool } from './ask.ts'
import { values } from './values.ts'

const spots = [
  { spot: 'plain', text: 'a: old # c\nb: end\n' },
  { spot: 'in single quotes', text: "a: 'old' # c\nb: end\n" },
  { spot: 'in double quotes', text: 'a: "old" # c\nb: end\n' },
  { spot: 'in a literal block', text: 'a: |-\n  old\nb: end\n' },
  { spot: 'in a folded block', text: 'a: >-\n  old\nb: end\n' },
  { spot: 'in flow', text: '{a: old, b: end}\n' },
  { spot: 'where nothing stands', text: 'a:\nb: end\n' },
  { spot: 'with CRLF', text: 'a: old\r\nb: end\r\n' },
]

const readers: { reader: string; tool: Tool; name: string }[] = [
  { reader: 'yaml, as 1.1', tool: 'javascript', name: 'yaml-1.1' },
  { reader: 'yaml, as 1.2', tool: 'javascript', name: 'yaml-1.2' },
  { reader: 'js-yaml', tool: 'javascript', name: 'js-yaml' },
  { reader: 'PyYAML', tool: 'python', name: 'SafeLoader' },
  { reader: 'libyaml', tool: 'python', name: 'CSafeLoader' },
  { reader: 'go-yaml v2', tool: 'go', name: 'yaml-v2' },
  { reader: 'go-yaml v3', tool: 'go', name: 'yaml-v3' },
  { reader: 'sigs.k8s.io/yaml', tool: 'go', name: 'sigs-yaml' },
]

/** Rows that fail today, each with its reason; the sweeps leave them out. */
const disagreements = [
  {
    spot: 'in flow',
    values: ['?x', ':x', '::x'],
    readers: /libyaml|PyYAML|go-yaml|sigs/,
    why: 'YAML 1.2 lets a plain scalar begin so inside of { }, the family of libyaml does not',
  },
]
const unrefused = {
  spot: 'in a folded block',
  values: ['x\n\ny', 'x\n\n\ny\n', 'x\n y\nz', 'x\n\ty'],
  why: 'the proof fails, which asks for a report, where a refusal should name the remedy',
}

interface Row {
  spot: string
  value: string
  /** What a reader should find there. */
  wanted: string
  written?: string
  refused?: string
}

const rows = spots.flatMap(({ spot, text }) =>
  values.map((value): Row => {
    // A block keeps its last line breaks: here none.
    const wanted = isBlock(spot) ? value.replace(/\n+$/, '') : value
    return { spot, value, wanted, ...write(text, value) }
  }),
)

function write(text: string, value: string): Pick<Row, 'written' | 'refused'> {
  const update = { kind: 'value', path: 'a', value: { kind: 'string', text: value } } as const
  try {
    return { written: editManifest('app.yaml', new TextEncoder().encode(text), [update], 0).after }
  } catch (error) {
    return { refused: error instanceof UserError ? error.code : String(error) }
  }
}

function isBlock(spot: string): boolean {
  return spot.endsWith('block')
}

const isIn = (row: Row, { spot, values: some }: { spot: string; values: string[] }) =>
  row.spot === spot && some.includes(row.value)

const told = (some: readonly Row[]) => some.map(({ value, refused }) => ({ value, refused }))

describe('only a block refuses, and only what it cannot hold:', () => {
  // It cannot begin with a space, and knows no escapes.
  // oxlint-disable-next-line no-control-regex
  const unwritable = /^(?:\s|$)|[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/

  test.each(spots)('$spot', ({ spot }) => {
    const own = rows.filter(row => row.spot === spot && !isIn(row, unrefused))
    const expected = own.map(({ value, wanted }) =>
      isBlock(spot) && unwritable.test(wanted)
        ? { value, refused: 'bad-value' }
        : { value, refused: undefined },
    )
    expect(told(own)).toEqual(expected)
  })

  test.failing(`${unrefused.spot}: ${JSON.stringify(unrefused.values)}, because ${unrefused.why}`, () => {
    const own = rows.filter(row => isIn(row, unrefused))
    expect(told(own)).toEqual(own.map(({ value }) => ({ value, refused: 'bad-value' })))
  })
})

for (const { reader, tool, name } of readers) {
  describeWith(tool)(`${reader} reads what was written`, () => {
    type Read = Answer<Record<string, [type: string, text: string]>>
    const known = disagreements.filter(row => row.readers.test(reader))
    let answered: (Row & { read: Read })[] = []
    beforeAll(() => {
      const written = rows.filter(row => row.written !== undefined)
      const answers = ask<NonNullable<Read['value']>>(
        tool,
        name,
        written.map(row => row.written),
      )
      answered = answers.flatMap((read, index) => {
        const row = written[index]
        return row === undefined ? [] : [{ ...row, read }]
      })
    })
    const misread = (isMeant: (row: Row) => boolean) =>
      answered.filter(isMeant).flatMap(({ value, wanted, written, read }) => {
        const expected = { a: ['string', wanted], b: ['string', 'end'] }
        return isDeepStrictEqual(read.value, expected) ? [] : [{ value, written, read }]
      })

    test.each(spots)('$spot', ({ spot }) => {
      expect(answered.filter(row => row.spot === spot).length).toBeGreaterThan(200)
      expect(misread(row => row.spot === spot && !known.some(one => isIn(row, one)))).toEqual([])
    })

    test('and not what stands there bare', () => {
      const bare = ['1.10', 'null', 'true'].map(text => `a: ${text}\nb: end\n`)
      const types = ask<NonNullable<Read['value']>>(tool, name, bare).map(read => read.value?.['a']?.[0])
      expect(types).not.toContain('string')
    })

    for (const row of known) {
      test.failing(`${row.spot}: ${JSON.stringify(row.values)}, because ${row.why}`, () => {
        expect(misread(one => isIn(one, row))).toEqual([])
      })
    }
  })
}
