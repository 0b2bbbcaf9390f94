import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { isScalar, parseDocument } from 'yaml'
import { inLane } from '../../../test/lane.ts'
import { charactersOf } from './characters.ts'
import { A, B, edit, expectWritten, pinned, shop } from './images/cases.ts'
import type { ImageUpdate, Update } from './types.ts'

const set = (path: string, text: string): Update => ({
  kind: 'value',
  path,
  value: { kind: 'as-found', text },
})

describe('a path goes on inside of a string', () => {
  test.each<[string, string, string]>([
    ['literal', 'a|yaml:b.c', 'a: |\n  # top\n  b:\n    c: ‹v1→v2› # c\n\n  d: 1\nz: 1\n'],
    ['literal, deeper', 'a|yaml:b', 'a: |2\n    b: ‹v1→v2›\n    c: 1\n'],
    ['literal, stripped, at the end', 'a|yaml:b', 'a: |-\n    b: ‹v1→v2›'],
    ['literal, kept', 'a|yaml:b', 'a: |+\n  b: ‹v1→v2›\n\n\nz: 1\n'],
    ['folded', 'a|yaml:b', 'a: >\n  {"b": "‹v1→v2›",\n  "c": 1}\nz: 1\n'],
    ['double quotes', 'a|yaml:b', 'a: "b: ‹v1→v2› # ä\\nc: \\u0041\\n" # end\n'],
    ['double quotes over lines', 'a|yaml:c', 'a: "b: 1\\n\\\n  c: ‹v1→v2›"\n'],
    ['single quotes', 'a|json:b', `a: '{"b": "‹v1→v2›", "c": "it''s"}'\n`],
    ['JSON in a block', 'a|json:b[1].c', 'a: |\n  {\n    "b": [0, {"c": "‹v1→v2›"}]\n  }\n'],
    ['string in string', 'a|yaml:b|json:c', 'a: |\n  b: \'{"c": "‹v1→v2›"}\'\n  d: 1\n'],
    [
      'string in string in string',
      'a|yaml:b|yaml:c|yaml:d',
      'a: |\n  b: |\n    c: |\n      d: ‹v1→v2›\n    e: 1\n  f: 1\n',
    ],
    ['an item of a list', 'l[1]|yaml:b', 'l:\n- |\n  b: v1\n- |\n  b: ‹v1→v2›\n'],
    ['a document inside', 'a|yaml:b', 'a: |\n  x: 1\n  ---\n  b: ‹v1→v2›\n'],
  ])('%s', (_, path, text) => expectWritten(text, set(path, 'v2')))

  test('a value with quotes is escaped in the string around it', () => {
    expect(edit('a: \'{"b": "x"}\'\n', set('a|json:b', `it's "x"`)).after).toBe(
      `a: '{"b": "it''s \\"x\\""}'\n`,
    )
    expect(edit('a: "b: \\"x\\""\n', set('a|yaml:b', 'say "x"')).after).toBe(
      'a: "b: \\"say \\\\\\"x\\\\\\"\\""\n',
    )
  })

  test('what a style cannot hold is quoted as a whole', () => {
    expect(edit("a: 'b: x'\n", set('a|yaml:b', 'x\ny')).after).toBe('a: \'b: "x\\ny"\'\n')
  })

  test('places say where they are', () => {
    const { changes } = edit('x: 1\na: |\n  b: 1\n  c: {d: v1}\n', set('a|yaml:c.d', 'v2'))
    expect(changes).toEqual([
      { file: 'values.yaml', document: 0, path: 'a|yaml:c.d', line: 4, old: 'v1', new: 'v2' },
    ])
  })

  test('a hold inside of the string counts, and one on the string keeps all of it', () => {
    const hold = '# gitops-relay: hold reason=x'
    expect(edit(`a: |\n  b: v1 ${hold}\n`, set('a|yaml:b', 'v2'))).toMatchObject({
      edits: [],
      held: [{ path: 'a|yaml:b', value: 'v1', line: 2 }],
    })
    expect(edit(`${hold}\na: |\n  b: v1\n`, set('a|yaml:b', 'v2'))).toMatchObject({
      edits: [],
      held: [{ path: 'a|yaml:b', value: 'v1', reason: 'x', line: 3 }],
    })
  })
})

describe('an image is found inside of', () => {
  const cases: [string, string, ImageUpdate?, string?][] = [
    [
      'helm.values of an Application',
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: |\n        # v1\n        image:\n          repository: reg.example/shop\n          tag: ‹v1→v2› # now\n  project: a\n',
    ],
    [
      'valuesObject',
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      valuesObject:\n        image: {repository: reg.example/shop, tag: ‹v1→v2›}\n',
    ],
    [
      'HelmRelease spec.values',
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: reg.example/shop\n      tag: ‹v1→v2›\n    web: {image: ‹reg.example/shop:v1→reg.example/shop:v2›}\n',
    ],
    [
      'a post-renderer of a HelmRelease',
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  postRenderers:\n  - kustomize:\n      images:\n      - name: reg.example/shop\n        newTag: ‹v1→v2›\n',
    ],
    [
      'several sources',
      `apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  sources:\n  - helm:\n      values: |-\n        image: {repository: reg.example/shop, tag: ‹v1→v2›, digest: "‹${A}→${B}›"}\n  - kustomize:\n      images: [‹reg.example/shop:v1→reg.example/shop:v2@${B}›]\n`,
      pinned,
    ],
    [
      'a templatePatch',
      'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  templatePatch: |\n    {{- if .prod }}\n    spec:\n      source:\n        kustomize:\n          images:\n          - ‹reg.example/shop:v1→reg.example/shop:v2›\n        helm:\n          releaseName: {{ .name }}\n    {{- end }}\n',
    ],
    [
      'a list generator',
      'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n  - list:\n      elements:\n      - {env: prod, image: reg.example/shop, tag: ‹v1→v2›}\n      - env: test\n        image: ‹reg.example/shop:v1→reg.example/shop:v2›\n',
    ],
    [
      'a ConfigMap',
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: |\n    image:\n      repository: reg.example/shop\n      tag: ‹v1→v2›\n  app.json: |\n    {"image": "‹reg.example/shop:v1→reg.example/shop:v2›"}\n  note: |\n    image: reg.example/shop:v1\n',
    ],
    [
      "kustomize's patches",
      'patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    spec: {template: {spec: {containers: [{name: a, image: ‹reg.example/shop:v1→reg.example/shop:v2›}]}}}\n- patch: |-\n    - op: replace\n      path: /spec/template/spec/containers/0/image\n      value: ‹reg.example/shop:v1→reg.example/shop:v2›\n',
      shop,
      'kustomization.yaml',
    ],
    [
      'patchesStrategicMerge',
      'patchesStrategicMerge:\n- a.yaml\n- |-\n  kind: Deployment\n  apiVersion: apps/v1\n  spec: {template: {spec: {containers: [{name: a, image: ‹reg.example/shop:v1→reg.example/shop:v2›}]}}}\n',
      shop,
      'kustomization.yaml',
    ],
    [
      'a kustomization in a string',
      'data:\n  kustomization.yaml: |\n    apiVersion: kustomize.config.k8s.io/v1beta1\n    kind: Kustomization\n    images:\n    - name: reg.example/shop\n      newTag: ‹v1→v2›‹→\n      digest: ' +
        B +
        '›\n    - name: b\n',
      pinned,
    ],
  ]
  const app =
    'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: '
  const image = 'image:\n  repository: reg.example/shop\n  tag: ‹v1→v2›\n'
  const indented = image.replaceAll(/^/gm, '        ').trimEnd()
  const more: typeof cases = [
    ['values in double quotes', `${app}"${image.replaceAll('\n', '\\n')}"\n`],
    ['values in single quotes', `${app}'image: {repository: reg.example/shop, tag: "‹v1→v2›"}'\n`],
    ['values without a last line end', `${app}|-\n${indented}`],
    [
      'values with a quoted tag in quotes',
      `${app}"image: {repository: reg.example/shop, tag: ‹v1→\\"1234567\\"›}"\n`,
      { ...shop, tag: '1234567' },
    ],
    ['values with escapes', `${app}"x: \\u00e9\\U0001F389 \\x41\\n${image.replaceAll('\n', '\\n')}"\n`],
    ['values of a template', `${app}|\n        env: {{ .env }}\n${indented}\n`],
    [
      'elementsYaml',
      'kind: ApplicationSet\nspec:\n  generators:\n  - list:\n      elementsYaml: |\n        - {image: reg.example/shop, tag: ‹v1→v2›}\n',
    ],
    [
      'a matrix of generators',
      'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n  - matrix:\n      generators:\n      - list:\n          elements:\n          - image: reg.example/shop\n            tag: ‹v1→v2›\n',
    ],
    [
      'JSON with escapes',
      `{"values": "x: \\u003ca\\u003e\\/\\u00e9\\n${image.replaceAll('\n', '\\n')}"}`,
      shop,
      'a.json',
    ],
    [
      'JSON in JSON',
      '{"a.json": "{\\"image\\": \\"‹reg.example/shop:v1→reg.example/shop:v2›\\", \\"b\\": \\"\\u003c\\"}"}',
      shop,
      'a.json',
    ],
    ['HCL', `values = "x: \\u00e9\\n${image.replaceAll('\n', '\\n')}"\n`, shop, 'a.tfvars'],
    [
      'HCL with what looks like a template',
      `values = "x: $\${y}\\n${image.replaceAll('\n', '\\n')}"\n`,
      shop,
      'a.tfvars',
    ],
    ['TOML', `values = "x: \\u00e9\\n${image.replaceAll('\n', '\\n')}"\n`, shop, 'a.toml'],
    ['TOML, several lines', `values = """\nx: \\u00e9 \\\n  y\n${image}"""\n`, shop, 'a.toml'],
    ['TOML, literal', `values = '''\nx: \\u00e9\n${image}'''\n`, shop, 'a.toml'],
  ]
  test.each([...cases, ...more])('%s', (_, text, update = shop, file = 'app.yaml') =>
    expectWritten(text, update, file),
  )

  test('not where the string is no manifest', () => {
    const text =
      'values: |\n  image: reg.example/shop:v1\n   bad: [\nvalues.yaml: plain reg.example/shop:v1\n'
    expect(edit(text)).toMatchObject({ edits: [], places: [0] })
  })
})

describe('a block of text as a value', () => {
  test.each<[string, string, string]>([
    ['literal', 'a: |\n  ‹one→two›\nb: 1\n', 'two'],
    ['folded, stripped', 'a: >-\n    ‹one→two›\nb: 1\n', 'two'],
    ['in the middle', 'a: |\n  x\n  ‹1→2›\n  y\n', 'x\n2\ny\n'],
    ['more lines', 'a: |\n  x\n‹→  y\n›b: 1\n', 'x\ny'],
    ['fewer lines', 'a: |\n  x\n‹  y\n→›b: 1\n', 'x\n'],
    ['at the end of the file', 'a: |-\n  ‹one→two›', 'two'],
    ['anchored', 'a: &x |\n  ‹one→two›\nb: *x\n', 'two'],
  ])('%s', (_, text, value) => expectWritten(text, set('a', value)))

  test('refuses what its indentation cannot say', () => {
    expect(() => edit('a: |\n  one\n', set('a', ' two'))).toThrow(
      expect.objectContaining({ code: 'bad-value' }),
    )
    expect(() => edit('a: |\n  one\n', set('a', 'two\x07'))).toThrow(
      expect.objectContaining({ code: 'bad-value' }),
    )
  })
})

test('the characters of every string are where they stand', () => {
  const runs = inLane(1000, 100_000)
  const line = fc.string({ unit: fc.constantFrom(...Array.from('ab \'"\\nx#:\tä'), '🎉'), maxLength: 6 })
  const heads = fc.constantFrom('|', '|-', '|+', '>', '>-', '>+', '"', "'", '')
  const texts = fc
    .tuple(heads, fc.array(line, { minLength: 1, maxLength: 5 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([head, lines, eol, last]) => {
      const body = lines.join(`${eol}  `)
      const closing = head === '"' || head === "'" ? head : ''
      return `k: ${head}${closing || head === '' ? '' : `${eol}  `}${body}${closing}${last ? eol : ''}`
    })
  fc.assert(
    fc.property(texts, text => {
      const document = parseDocument(text, { logLevel: 'silent' })
      const node = document.get('k', true)
      fc.pre(
        document.errors.length === 0 &&
          isScalar(node) &&
          typeof node.value === 'string' &&
          node.value.trim() !== '',
      )
      if (!isScalar(node)) return
      const characters = charactersOf(text, node)
      expect(characters?.offsets).toHaveLength(node.value.length + 1)
      for (const [index, offset] of (characters?.offsets ?? []).entries()) {
        const character = node.value[index]
        if (text[offset] !== '\\' && character?.trim()) expect(text[offset]).toBe(character)
      }
    }),
    { numRuns: runs },
  )
})
