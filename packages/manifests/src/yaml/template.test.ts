import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { edit, expectWritten, shop } from '../images/cases.ts'
import type { Update } from '../types.ts'
import { maskActions } from './template.ts'

const set = (path: string, text: string): Update => ({
  kind: 'value',
  path,
  value: { kind: 'as-found', text },
})

test('actions are masked by as many characters, and line breaks stay', () => {
  const text =
    'a: {{ .x }}\n{{- if eq 1\n  2 }}\n  b: {{ include "x" (dict "a" 1) | quote }}-{{ y }} # {{/* z */}}\n{{ end -}}\r\n{% if x %}\nc: "}}"\n'
  expect(maskActions(text)).toHaveLength(text.length)
  expect(maskActions(text).replaceAll(/[^\r\n]/g, '')).toBe(text.replaceAll(/[^\r\n]/g, ''))
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('{}%# a-\n\t\r:')) }), any => {
      expect(maskActions(any)).toHaveLength(any.length)
    }),
  )
})

describe('a chart template is edited', () => {
  test.each<[string, string]>([
    [
      'among conditions',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include "app.name" . }}\n  {{- with .Values.labels }}\n  labels:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\nspec:\n  template:\n    spec:\n      containers:\n      - name: {{ .Chart.Name }}\n        image: ‹reg.example/shop:v1→reg.example/shop:v2› # {{ x }}\n        {{- if .Values.args }}\n        args: [{{ .Values.args }}]\n        {{- end }}\n',
    ],
    [
      'in a branch',
      '{{- if .a }}\nimage: ‹reg.example/shop:v1→reg.example/shop:v2›\n{{- else }}\nimage: {{ .b }}\n{{- end }}\n',
    ],
    [
      'as a tuple',
      'x: {{ .a }}\nname: "{{ .b }}"-{{ .c }}\nimage:\n  repository: reg.example/shop\n  tag: "‹v1→v2›"\n',
    ],
    [
      'in Jinja',
      '{% if a %}\nx: {{ y }}z\n{% endif %}\napp_image: ‹reg.example/shop:v1→reg.example/shop:v2›\n',
    ],
    [
      'line by line where nothing else helps',
      'a: {{ .x }}\n b: [{{ range .y }}\n   image: ‹reg.example/shop:v1→reg.example/shop:v2›\n{{ end }}\n  - image: "‹reg.example/shop:v1→reg.example/shop:v2›" # c\n',
    ],
    [
      'line by line, a tuple by its own lines',
      'a: {{ .x }}\n b: [{{ range .y }}\nimage:\n  repository: reg.example/shop\n  {{- if .z }}\n  # now\n  tag: ‹v1→v2›\n  {{- end }}\ndb:\n  repository: reg.example/db\n  tag: v1\n  - repository: reg.example/web\n    tag: v1\n',
    ],
    [
      'by a comment, line by line',
      'a: {{ .x }}\n b: [{{ range .y }}\n# gitops-relay: image=reg.example/shop\n   tag: ‹v1→v2› # c\n',
    ],
  ])('%s', (_, text) => expectWritten(text, shop, 'chart/templates/app.yaml'))

  test('by path, and by the last key where only lines can be told', () => {
    expectWritten('a: {{ .x }}y\nb:\n  c: ‹v1→v2›\n', set('b.c', 'v2'))
    expectWritten('a: {{ .x }}\n b: [{{ range }}\nd:\n  c: ‹v1→v2›\n', set('d.c', 'v2'))
  })

  test.each<[string, string, Update]>([
    ['not-a-value', 'a: {{ .x }}y\nimage: reg.example/shop:v1\n', set('a', 'z')],
    ['not-unique', 'a: {{ .x }}\n b: [{{ range }}\nc: 1\nc: 2\n', set('d.c', 'v2')],
    ['unreadable', 'a: b: c\n', set('a', 'z')],
  ])('refused is %s', (code, text, update) => {
    expect(() => edit(text, update)).toThrow(expect.objectContaining({ code }))
  })

  test('an image that is computed is no place', () => {
    const text = 'image: "{{ .Values.repo }}/shop:{{ .Values.tag }}"\nb: {{ x }}y\n# reg.example/shop\n'
    expect(edit(text)).toMatchObject({ edits: [], places: [0] })
  })
})
