import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { isMap } from 'yaml'
import { editManifest } from '../edit.ts'
import type { Update } from '../types.ts'
import { readText } from './reader.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const files = ['x.tf', 'x.toml', 'x.json', 'x.tf.json'] as const
const toTwo: Update = { kind: 'value', path: 'a', value: { kind: 'as-found', text: '2' } }
const shop: Update = { kind: 'image', repository: 'reg.example/shop', tag: 'v2' }

/** Ends with an edit or with a sentence, never with anything else. */
function outcome(file: string, bytes: Uint8Array, update: Update): string {
  try {
    return editManifest(file, bytes, [update], 0).after
  } catch (error) {
    expect(error).toMatchObject({ name: 'UserError' })
    return ''
  }
}

describe('what could hurt is refused, and quickly', () => {
  test.each([
    ['x.tf', 'a = ' + '['.repeat(65) + ']'.repeat(65), 'too-deep'],
    ['x.tf', 'a = "${'.repeat(500_000), 'too-deep'],
    ['x.tf', 'a = f('.repeat(500_000), 'too-deep'],
    ['x.tf', 'a {\n'.repeat(500_000), 'too-deep'],
    ['x.toml', 'a = ' + '[{b='.repeat(500_000), 'too-deep'],
    ['x.toml', `${'a.'.repeat(1_000_000)}a = 1`, 'too-deep'],
    ['x.toml', `[${'a.'.repeat(65)}a]`, 'too-deep'],
    ['x.json', '[{"a":'.repeat(500_000), 'too-deep'],
    ['x.json', '1 '.repeat(2_000_000), 'unreadable'],
    ['x.json', `[${'1,'.repeat(600_000)}]`, 'too-many-values'],
    ['x.tf', 'b {}\n'.repeat(600_000), 'too-many-values'],
    ['x.toml', '[[b]]\n'.repeat(600_000), 'too-many-values'],
    ['x.tf', '/*' + '\n'.repeat(4_000_000) + '*/', 'too-many-values'],
    ['x.tf', 'a = 1\n'.repeat(600_000), 'unreadable'],
    ['x.json', `{"a": "${' '.repeat(5_000_000)}"}`, 'too-large'],
  ])('%s, case %#', (file, text, code) => {
    const begin = performance.now()
    expect(() => editManifest(file, encode(text), [toTwo], 0)).toThrow(expect.objectContaining({ code }))
    expect(performance.now() - begin).toBeLessThan(5000)
  })

  test.each(['x.tf', 'x.toml', 'x.json'])('bytes that are not UTF-8 in %s', file => {
    expect(() => editManifest(file, Uint8Array.of(0x61, 0xe4), [toTwo], 0)).toThrow(
      expect.objectContaining({ code: 'not-utf8' }),
    )
  })
})

describe('what is only long is edited', () => {
  test.each([
    ['x.tf', `/* ${' '.repeat(2_000_000)}x */`, 'a = 1', ''],
    ['x.tf', '/**/'.repeat(200_000), 'a = 1', ''],
    ['x.tf', `b = "${'\\n'.repeat(2_000_000)}"\n`, 'a = 1', ''],
    ['x.tf', `b = f(${'"${"x"}" + '.repeat(300_000)}1)\n`, 'a = 1', ''],
    ['x.tf', '# \r'.repeat(1_000_000) + '\n', 'a = 1', ''],
    ['x.toml', `b = """${'x""\n'.repeat(1_000_000)}"""\n`, 'a = 1', ''],
    ['x.toml', `c = [${'"x", '.repeat(400_000)}]\n`, 'a = 1', ''],
    ['x.json', `{"b": [${'"x",\n'.repeat(400_000)}],`, '"a": 1', '}'],
    ['x.json', `{"b": "${'\\u0061'.repeat(800_000)}",`, '"a": 1', '}'],
  ])('%s, case %#', (file, before, pair, after) => {
    const begin = performance.now()
    expect(
      outcome(file, encode(before + pair + after), toTwo) === before + pair.replace('1', '2') + after,
    ).toBe(true)
    expect(performance.now() - begin).toBeLessThan(5000)
  })
})

const words = fc.constantFrom(
  ...`a = " ' """ ''' { } [ ] [[ ]] ( ) , : . # // /* */ \${ %{ $$ \\ <<E <<-E E 1 - _ ä true null for 1979-05-27`.split(
    ' ',
  ),
  ...'image repository tag set name value variable default "reg.example/shop:v1"'.split(' '),
  '\n',
  '\r\n',
  ' ',
  '\ufeff',
  '\0',
  '\u2028',
)
const soups = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(words, { maxLength: 60 }).map(parts => encode(parts.join(''))),
)

test.each(files)('%s of any bytes ends with an edit or a sentence', file => {
  fc.assert(
    fc.property(soups, fc.constantFrom(toTwo, shop), (bytes, update) => {
      outcome(file, bytes, update)
    }),
    { numRuns: 2000 },
  )
})

test('JSON is read as every other reader does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\t'), (value, indent) => {
      const text = JSON.stringify({ value }, undefined, indent)
      const { contents } = readText('x.json', text, 'json', () => 1).documents[0] ?? {}
      expect(isMap(contents) && contents.toJSON()).toEqual(JSON.parse(text))
    }),
  )
})

const names = fc.constantFrom('a', 'image', 'b-c', 'k_1')
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('v1', '${x}', '$%{', '"""', "''", '\\', '\r\n', '\t\b', '\u2028'),
)

/** A file with one string, and noise that must stay. */
const manifests = fc
  .record({
    file: fc.constantFrom(...files),
    key: names,
    eol: fc.constantFrom('\n', '\r\n'),
    space: fc.constantFrom('', ' ', '\t', '    '),
    mark: fc.constantFrom('#', '//', '/*'),
    bom: fc.boolean(),
    quotes: fc.constantFrom('"', "'", '"""', "'''"),
  })
  .map(({ file, key, eol, space, mark, bom, quotes }) => {
    const comment = mark === '/*' ? '/* " } ] = */' : `${mark} " } ] =${eol}`
    const jsonComment = mark === '#' ? '' : comment
    const tomlComment = `# " } ] =${eol}`
    const text = {
      'x.tf': `${comment}x = [${space}"$\${1}", {y${space}=${space}f("}")}]${eol}${key}${space}=${space}"v0"${space}${comment}${eol}z = <<E${eol}"${eol}E${eol}`,
      'x.toml': `${tomlComment}x = [${space}'"', {y${space}=${space}1}]${eol}${key}${space}=${space}${quotes}v0${quotes}${space}${tomlComment}[t]${eol}z = """${eol}"${eol}"""`,
      'x.json': `${jsonComment}{"x": ["\\"", {"y"${space}:${space}1e5}],${eol}"${key}"${space}:${space}"v0"${space}${jsonComment},"z": null}${eol}`,
      'x.tf.json': `{"x": ["\${}"],${eol}"${key}"${space}:${space}"v0"${space},"z": null}`,
    }[file]
    return { file, key, text: (bom ? '\ufeff' : '') + text }
  })

const set = (file: string, text: string, path: string, value: string) =>
  editManifest(file, encode(text), [{ kind: 'value', path, value: { kind: 'string', text: value } }], 0)

test('only the value changes, the same again does nothing, and back is back', () => {
  fc.assert(
    fc.property(manifests, texts, ({ file, key, text }, value) => {
      fc.pre(value.isWellFormed() && !(file === 'x.tf.json' && /[$%]\{/.test(value)))
      const { after, edits } = set(file, text, key, value)
      for (const { offset, length } of edits) {
        expect(text.slice(offset, offset + length)).toContain('v0')
        expect(after.startsWith(text.slice(0, offset))).toBe(true)
        expect(after.endsWith(text.slice(offset + length))).toBe(true)
      }
      expect(set(file, after, key, value).edits).toEqual([])
      expect(set(file, after, key, 'v0').changes).toMatchObject(
        value === 'v0' ? [] : [{ old: value, new: 'v0' }],
      )
    }),
    { numRuns: 3000 },
  )
})
