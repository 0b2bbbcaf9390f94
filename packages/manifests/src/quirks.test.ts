import { describe, expect, test } from '@jest/globals'
import { editManifest } from './edit.ts'

const bump = (text: string) =>
  editManifest(
    'values.yaml',
    new TextEncoder().encode(text),
    [{ kind: 'image', repository: 'reg.example/shop', tag: 'v2' }],
    0,
  )

/** Everything here is kept; `tag: v1` alone becomes `tag: v2`. */
describe('what other writers break stays as it is', () => {
  test.each<[string, string]>([
    ['a marker', 'repository: reg.example/shop\ntag: v1 # {"$imagepolicy": "flux-system:shop:tag"}\n'],
    ['a flow map', 'image: {repository: reg.example/shop, tag: v1, pullPolicy: Always}   # c\n'],
    ['no end of line', 'repository: reg.example/shop\ntag: v1'],
    ['CRLF', '# a\r\nrepository: reg.example/shop\r\n\r\ntag: v1\r\n'],
    ['a byte order mark', '\ufeffrepository: reg.example/shop\ntag: v1\n'],
    ['blank lines and spaces at ends', '\n\nrepository: reg.example/shop  \n\n\ntag: v1 \t\n\n'],
    ['an anchor on the value', 'repository: reg.example/shop\ntag: &t v1\nother: *t\n'],
    ['a merge key', 'b: &b {x: 1}\nimage:\n  <<: *b\n  repository: reg.example/shop\n  tag: v1\n'],
    [
      'mixed indents',
      'a:\n    - b:\n      - c\n    -   d\nimage:\n       repository: reg.example/shop\n       tag: v1\n',
    ],
    ['folded text', 'note: >-\n  one\n    deeper\n\n  two\n\nrepository: reg.example/shop\ntag: v1\n'],
    ['literal text with blanks', 'note: |+\n  one  \n\n   two\n\nrepository: reg.example/shop\ntag: v1\n'],
    [
      'a head before the first document',
      '# head\n---\n# more\na: 1\n...\n---\nrepository: reg.example/shop\ntag: v1\n...\n',
    ],
    ['empty documents', '---\n---\n\n---\nrepository: reg.example/shop\ntag: v1\n---\n'],
    ['duplicate keys', 'a: 1\na: 2\nrepository: reg.example/shop\ntag: v1\n'],
    [
      'values of all kinds',
      'm: 0644\ny: yes\nd: 2024-08-08\nn: ~\ne:\nf: 1_000\nrepository: reg.example/shop\ntag: v1\n',
    ],
    ['letters beyond ASCII before it', 'image: {"größe 🎉": "ä", repository: reg.example/shop, tag: v1}\n'],
    ['keys with dots', 'a.b: 1\nimage:\n  x.y: {tag: v0}\n  repository: reg.example/shop\n  tag: v1\n'],
    ['a directive', '%YAML 1.1\n---\nrepository: reg.example/shop\ntag: v1\n'],
    ['own tags', 'a: !Ref b\nc: !!binary aGk=\nrepository: reg.example/shop\ntag: v1\n'],
    ['templates in quotes', 'a: "{{ .Values.x }}"\nb: {{ x }}\nrepository: reg.example/shop\ntag: v1\n'],
    ['explicit keys', '? a\n: 1\nrepository: reg.example/shop\ntag: v1\n'],
    ['quotes over several lines', 'a: "one\n\n  two \\\n  three"\nrepository: reg.example/shop\ntag: v1\n'],
    ['tabs before comments', 'repository: reg.example/shop\t# one\ntag: v1\t# two\n'],
  ])('%s', (_, text) => {
    const { after, changes } = bump(text)
    expect(after).toBe(text.replace(/tag: (&t )?v1/, 'tag: $1v2'))
    expect(changes).toHaveLength(1)
    expect(bump(after).edits).toEqual([])
  })
})
