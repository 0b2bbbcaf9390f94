import { describe, expect, test } from '@jest/globals'
import { editManifest } from './edit.ts'
import type { ImageUpdate, Update, Value } from './types.ts'

type Row = { update: Update; before: string; after: string; text: string; code: string }
type Case = Row & { path: string; document: string; changed: number[]; holds: boolean }

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const A = digest('a')
const B = digest('b')
const shop: ImageUpdate = { kind: 'image', repository: 'reg.example/shop', tag: 'v2' }
const pinned: ImageUpdate = { ...shop, digest: B }

function edit(text: string, update: Update | Update[] = shop, file = 'app.yaml') {
  return editManifest(
    file,
    new TextEncoder().encode(text),
    [update].flat(),
    Date.parse('2026-06-15T12:00:00Z'),
  )
}
const pathEdit = (path: string, text: string, kind: Value['kind'] = 'as-found'): Update => ({
  kind: 'value',
  path,
  value: { kind, text },
})

describe('a kustomize entry', () => {
  test.each<Row>`
    what                            | update                           | before                                                                                                       | after
    ${'new tag'}                    | ${shop}                          | ${'images:\n  - name: reg.example/shop\n    newTag: v1 # now\n'}                                             | ${'images:\n  - name: reg.example/shop\n    newTag: v2 # now\n'}
    ${'by newName'}                 | ${shop}                          | ${'images:\n- name: app\n  newName: reg.example/shop\n  newTag: "1"\n'}                                      | ${'images:\n- name: app\n  newName: reg.example/shop\n  newTag: "v2"\n'}
    ${'newTag missing'}             | ${shop}                          | ${'images:\n- name: reg.example/shop # x\n- name: b\n'}                                                      | ${'images:\n- name: reg.example/shop # x\n  newTag: v2\n- name: b\n'}
    ${'no end of line'}             | ${pinned}                        | ${'images:\n- name: reg.example/shop'}                                                                       | ${`images:\n- name: reg.example/shop\n  newTag: v2\n  digest: ${B}`}
    ${'CRLF'}                       | ${shop}                          | ${'images:\r\n- name: reg.example/shop\r\n'}                                                                 | ${'images:\r\n- name: reg.example/shop\r\n  newTag: v2\r\n'}
    ${'digest goes'}                | ${shop}                          | ${`images:\n- name: reg.example/shop\n  digest: ${A}\n  newTag: v1\n`}                                       | ${'images:\n- name: reg.example/shop\n  newTag: v2\n'}
    ${'last digest goes'}           | ${shop}                          | ${`images:\n- name: reg.example/shop\n  newTag: v1\n  digest: ${A}`}                                         | ${'images:\n- name: reg.example/shop\n  newTag: v2'}
    ${'first key goes'}             | ${shop}                          | ${`images:\n- digest: ${A}\n  name: reg.example/shop\n`}                                                     | ${'images:\n- name: reg.example/shop\n  newTag: v2\n'}
    ${'tag goes'}                   | ${{ ...pinned, tag: undefined }} | ${'images:\n- name: reg.example/shop\n  newTag: v1\n'}                                                       | ${`images:\n- name: reg.example/shop\n  digest: ${B}\n`}
    ${'flow'}                       | ${pinned}                        | ${'images: [{name: reg.example/shop, newTag: v1}]\n'}                                                        | ${`images: [{name: reg.example/shop, newTag: v2, digest: ${B}}]\n`}
    ${'flow, digest goes'}          | ${shop}                          | ${`images: [{name: reg.example/shop, newTag: v1, digest: ${A} }]\n`}                                         | ${'images: [{name: reg.example/shop, newTag: v2 }]\n'}
    ${'joined'}                     | ${pinned}                        | ${`images:\n- name: reg.example/shop\n  newTag: v1@${A}\n`}                                                  | ${`images:\n- name: reg.example/shop\n  newTag: v2@${B}\n`}
    ${'match, newName missing'}     | ${{ ...shop, match: 'app' }}     | ${'images:\n- name: app\n  newTag: v1\n'}                                                                    | ${'images:\n- name: app\n  newName: reg.example/shop\n  newTag: v2\n'}
    ${'match, another newName'}     | ${{ ...shop, match: 'app' }}     | ${'images:\n- name: app\n  newName: reg.example/old\n'}                                                      | ${'images:\n- name: app\n  newName: reg.example/shop\n  newTag: v2\n'}
    ${'name before newName'}        | ${shop}                          | ${'images:\n- name: a\n  newName: reg.example/shop\n  newTag: v1\n- {name: reg.example/shop, newTag: v1}\n'} | ${'images:\n- name: a\n  newName: reg.example/shop\n  newTag: v1\n- {name: reg.example/shop, newTag: v2}\n'}
    ${'a mirror stays'}             | ${shop}                          | ${'images:\n- name: reg.example/shop\n  newName: mirror/x\n  newTag: v1\n'}                                  | ${'images:\n- name: reg.example/shop\n  newName: mirror/x\n  newTag: v2\n'}
    ${'a suffix stays'}             | ${shop}                          | ${'images:\n- name: reg.example/shop\n  tagSuffix: -x\n'}                                                    | ${'images:\n- name: reg.example/shop\n  newTag: v2\n  tagSuffix: -x\n'}
    ${'digest only'}                | ${pinned}                        | ${`images:\n- name: reg.example/shop\n  digest: ${A}\n`}                                                     | ${`images:\n- name: reg.example/shop\n  newTag: v2\n  digest: ${B}\n`}
    ${'comments between'}           | ${pinned}                        | ${`images:\n# a\n- name: reg.example/shop # b\n  # c\n  newTag: v1 # d\n  # e\n  digest: ${A} # f\n`}        | ${`images:\n# a\n- name: reg.example/shop # b\n  # c\n  newTag: v2 # d\n  # e\n  digest: ${B} # f\n`}
    ${'comments stay'}              | ${shop}                          | ${`images:\n- digest: ${A} # goes\n  # stays\n  name: reg.example/shop\n`}                                   | ${'images:\n-\n  # stays\n  name: reg.example/shop\n  newTag: v2\n'}
    ${'comments stay, flow'}        | ${shop}                          | ${`images: [{name: reg.example/shop, # a\n  digest: "${A}"}]\n`}                                             | ${'images: [{name: reg.example/shop, newTag: v2, # a\n  }]\n'}
    ${'comments stay, flow, first'} | ${shop}                          | ${`images: [{digest: "${A}", # a\n  name: reg.example/shop}]\n`}                                             | ${'images: [{ # a\n  name: reg.example/shop,\n  newTag: v2}]\n'}
    ${'a block of text'}            | ${pinned}                        | ${'images:\n- name: >-\n    reg.example/shop\n  newTag: |-\n    v1\n- name: b\n'}                            | ${`images:\n- name: >-\n    reg.example/shop\n  newTag: |-\n    v2\n  digest: ${B}\n- name: b\n`}
    ${'a block of text goes'}       | ${shop}                          | ${`images:\n- name: reg.example/shop\n  newTag: v1\n  digest: >-\n    ${A}\n- name: b\n`}                    | ${'images:\n- name: reg.example/shop\n  newTag: v2\n- name: b\n'}
    ${'a block of text goes, CRLF'} | ${shop}                          | ${`images:\r\n- name: reg.example/shop\r\n  newTag: v1\r\n  digest: >-\r\n    ${A}\r\n- name: b\r\n`}        | ${'images:\r\n- name: reg.example/shop\r\n  newTag: v2\r\n- name: b\r\n'}
    ${'keys in quotes'}             | ${pinned}                        | ${'{"images": [{"name": "reg.example/shop"}]}\n'}                                                            | ${`{"images": [{"name": "reg.example/shop", "newTag": "v2", "digest": "${B}"}]}\n`}
    ${'two digests go'}             | ${shop}                          | ${`images:\n- name: reg.example/shop\n  newTag: v1\n  digest: ${A}\n  digest: ${B}\n`}                       | ${'images:\n- name: reg.example/shop\n  newTag: v2\n'}
    ${'an anchored entry'}          | ${shop}                          | ${'images:\n- &x\n  name: reg.example/shop\n- name: b\n'}                                                    | ${'images:\n- &x\n  name: reg.example/shop\n  newTag: v2\n- name: b\n'}
    ${'all four'}                   | ${pinned}                        | ${`images:\n- name: app\n  newName: reg.example/shop\n  newTag: "1"\n  digest: '${A}'\n`}                    | ${`images:\n- name: app\n  newName: reg.example/shop\n  newTag: "v2"\n  digest: '${B}'\n`}
    ${'two entries'}                | ${shop}                          | ${'images:\n- name: reg.example/shop\n  newTag: v1\n- {name: reg.example/shop, newTag: "v0"}\n'}             | ${'images:\n- name: reg.example/shop\n  newTag: v2\n- {name: reg.example/shop, newTag: "v2"}\n'}
    ${'all-digit tag'}              | ${{ ...shop, tag: '1234567' }}   | ${'images:\n- name: reg.example/shop\n'}                                                                     | ${'images:\n- name: reg.example/shop\n  newTag: "1234567"\n'}
  `('$what', ({ update, before, after }) => {
    expect(edit(before, update, 'envs/prod/kustomization.yaml').after).toBe(after)
    expect(edit(after, update, 'envs/prod/kustomization.yaml').edits).toEqual([])
  })

  test.each(['Kustomization', 'a/kustomization.yml', 'a/kustomization.yaml'])('in %s', file => {
    const { after } = edit('images:\n- name: reg.example/shop\n  newTag: v1\n', shop, file)
    expect(after).toBe('images:\n- name: reg.example/shop\n  newTag: v2\n')
  })

  test.each<Row>`
    code             | update  | text
    ${'not-a-value'} | ${shop} | ${'images:\n- name: reg.example/shop\n  newTag: {a: 1}\n'}
    ${'not-a-value'} | ${shop} | ${'images:\n- ? name\n  : reg.example/shop\n'}
    ${'anchored'}    | ${shop} | ${`images:\n- name: reg.example/shop\n  digest: &d ${A}\n- name: b\n  digest: *d\n`}
  `('is refused as $code: $text', ({ code, update, text }) => {
    expect(() => edit(text, update, 'kustomization.yaml')).toThrow(expect.objectContaining({ code }))
  })

  test('of a component', () => {
    const head =
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n- name: reg.example/shop\n'
    expect(edit(`${head}  newTag: v1\n`).after).toBe(`${head}  newTag: v2\n`)
  })

  test('in Flux: spec.images of its Kustomization', () => {
    const head = 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  images:\n'
    const { after } = edit(`${head}    - {name: reg.example/shop, newTag: v1}\n`)
    expect(after).toBe(`${head}    - {name: reg.example/shop, newTag: v2}\n`)
  })
})

const deployment = (containers: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec:\n {${containers}}}}\n`

describe('a reference in one string', () => {
  test.each<Row>`
    what                  | update                                                | before                                                   | after
    ${'container'}        | ${shop}                                               | ${'containers: [{image: reg.example/shop:v1}]'}          | ${'containers: [{image: reg.example/shop:v2}]'}
    ${'pinned'}           | ${pinned}                                             | ${`initContainers: [{image: "reg.example/shop@${A}"}]`}  | ${`initContainers: [{image: "reg.example/shop:v2@${B}"}]`}
    ${'digest dropped'}   | ${shop}                                               | ${`containers: [{image: 'reg.example/shop:v1@${A}'}]`}   | ${"containers: [{image: 'reg.example/shop:v2'}]"}
    ${'bare name'}        | ${shop}                                               | ${'ephemeralContainers: [{image: reg.example/shop}]'}    | ${'ephemeralContainers: [{image: reg.example/shop:v2}]'}
    ${'short Docker Hub'} | ${{ ...shop, repository: 'docker.io/library/nginx' }} | ${'containers: [{image: nginx:1}]'}                      | ${'containers: [{image: nginx:v2}]'}
    ${'port'}             | ${{ ...shop, repository: 'localhost:5000/shop' }}     | ${'containers: [{image: localhost:5000/shop}]'}          | ${'containers: [{image: localhost:5000/shop:v2}]'}
    ${'match'}            | ${{ ...shop, match: 'old/shop' }}                     | ${'containers: [{image: old/shop:1}]'}                   | ${'containers: [{image: reg.example/shop:v2}]'}
    ${'volume'}           | ${shop}                                               | ${'volumes: [{image: {reference: reg.example/shop:1}}]'} | ${'volumes: [{image: {reference: reg.example/shop:v2}}]'}
  `('$what', ({ update, before, after }) => {
    expect(edit(deployment(before), update).after).toBe(deployment(after))
  })

  test.each<Row>`
    what                    | text
    ${'another image'}      | ${'spec: {containers: [{image: reg.example/shop-db:v1}]}'}
    ${'another registry'}   | ${'spec: {containers: [{image: other.example/shop:v1}]}'}
    ${"an object's own"}    | ${'apiVersion: x/v1\nkind: ImageRepository\nspec: {image: reg.example/shop:v1}'}
    ${'values without tag'} | ${'image: reg.example/shop'}
    ${'a comment'}          | ${'a: 1 # image: reg.example/shop:v1'}
  `('not $what', ({ text }) => {
    expect(edit(text)).toMatchObject({ edits: [], places: [0] })
  })

  test('in a CronJob, a List, and values', () => {
    const text = `kind: List
apiVersion: v1
items:
- kind: CronJob
  spec:
    jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: reg.example/shop:v1}]}}}}
---
worker:
  image: reg.example/shop:v1
`
    expect(edit(text).changes).toMatchObject([
      { document: 0, path: 'items[0].spec.jobTemplate.spec.template.spec.containers[0].image', line: 6 },
      { document: 1, path: 'worker.image', line: 9, old: 'reg.example/shop:v1', new: 'reg.example/shop:v2' },
    ])
  })

  test('an edit through an alias leaves the anchor to others', () => {
    const text = 'x: &img reg.example/shop:v1\ncontainers:\n- image: *img\n- image: *img # two\n'
    expect(edit(text).after).toBe(
      'x: &img reg.example/shop:v1\ncontainers:\n- image: reg.example/shop:v2\n- image: reg.example/shop:v2 # two\n',
    )
  })
})

describe('a Helm tuple', () => {
  test.each<Row>`
    what                    | update                            | before                                                               | after
    ${'repository and tag'} | ${shop}                           | ${'image:\n  repository: reg.example/shop\n  tag: 1.10\n'}           | ${'image:\n  repository: reg.example/shop\n  tag: v2\n'}
    ${'a number-like tag'}  | ${{ ...shop, tag: '1.11' }}       | ${'image:\n  repository: reg.example/shop\n  tag: 1.10\n'}           | ${'image:\n  repository: reg.example/shop\n  tag: "1.11"\n'}
    ${'registry, digest'}   | ${pinned}                         | ${`{registry: reg.example, repository: shop, tag: '1', digest: ""}`} | ${`{registry: reg.example, repository: shop, tag: 'v2', digest: "${B}"}`}
    ${'sha'}                | ${pinned}                         | ${`{repository: reg.example/shop, tag: v1, sha: ${'a'.repeat(64)}}`} | ${`{repository: reg.example/shop, tag: v2, sha: ${'b'.repeat(64)}}`}
    ${'image and imageTag'} | ${shop}                           | ${'image: reg.example/shop\nimageTag: v1\n'}                         | ${'image: reg.example/shop\nimageTag: v2\n'}
    ${'joined'}             | ${pinned}                         | ${`repository: reg.example/shop\ntag: v1@${A}\n`}                    | ${`repository: reg.example/shop\ntag: v2@${B}\n`}
    ${'no value'}           | ${shop}                           | ${'repository: reg.example/shop\ntag: # set by CI\n'}                | ${'repository: reg.example/shop\ntag: v2 # set by CI\n'}
    ${'no value, last'}     | ${shop}                           | ${'repository: reg.example/shop\ntag:'}                              | ${'repository: reg.example/shop\ntag: v2'}
    ${'match and registry'} | ${{ ...shop, match: 'team/app' }} | ${'{registry: old.example, repository: team/app, tag: v1}'}          | ${'{registry: reg.example, repository: shop, tag: v2}'}
    ${'match, one key'}     | ${{ ...shop, match: 'team/app' }} | ${'{repository: team/app, tag: v1}'}                                 | ${'{repository: reg.example/shop, tag: v2}'}
  `('$what', ({ update, before, after }) => {
    expect(edit(before, update, 'values.yaml').after).toBe(after)
  })

  test.each<Row>`
    code                 | update                           | text
    ${'digest-needed'}   | ${shop}                          | ${`{repository: reg.example/shop, tag: v1, digest: "${A}"}`}
    ${'tag-needed'}      | ${{ ...pinned, tag: undefined }} | ${'{repository: reg.example/shop, tag: v1}'}
    ${'digest-needed'}   | ${shop}                          | ${`{repository: reg.example/shop, digest: "${A}"}`}
    ${'digest-not-held'} | ${pinned}                        | ${'{repository: reg.example/shop, tag: v2}'}
    ${'stale-digest'}    | ${shop}                          | ${`{image: "reg.example/shop:v1", digest: "${A}"}`}
    ${'stale-digest'}    | ${pinned}                        | ${`{webImage: "reg.example/shop:v1", webImageDigest: "${A}"}`}
  `('is refused as $code: $text', ({ code, update, text }) => {
    expect(() => edit(text, update, 'values.yaml')).toThrow(expect.objectContaining({ code }))
  })

  test.each([
    ['repository: reg.example/shop\ntag: v2', 'Add "digest" beside "tag"'],
    ['image: reg.example/shop\nimageTag: v2', 'Add "imageDigest" beside "imageTag"'],
    ['IMAGE_REPO: reg.example/shop\nIMAGE_TAG: v2', 'Add "IMAGE_DIGEST" beside "IMAGE_TAG"'],
    [
      'helm:\n  parameters: [{name: image.name, value: reg.example/shop}, {name: image.tag, value: v2}]',
      'Add "image.digest" beside "image.tag"',
    ],
    ['v: v2 # gitops-relay: image=reg.example/shop', 'Add "digest" beside "v"'],
  ])('names the key that a digest needs: %s', (text, remedy) => {
    expect(() => edit(text, pinned)).toThrow(remedy)
  })

  test('a digest beside a reference is written in the same step', () => {
    const text = `image: reg.example/shop:v1\ndigest: ${A}\n`
    expect(edit(text, [shop, pathEdit('digest', B)]).after).toBe(`image: reg.example/shop:v2\ndigest: ${B}\n`)
    // That of a commit is none.
    expect(edit('image: reg.example/shop:v1\nsha: 0a1b2c3\n').after).toBe(
      'image: reg.example/shop:v2\nsha: 0a1b2c3\n',
    )
  })

  test('without a key for the digest says so', () => {
    expect(edit('{repository: reg.example/shop, tag: v1}', pinned).notices).toEqual([
      'app.yaml:1 (top level) has no key for the digest: only the tag is written.',
    ])
  })
})

describe('a value at a path', () => {
  test.each<Case>`
    path                   | text       | before                                                     | after
    ${'a.b'}               | ${'2'}     | ${'a: {b: 1}'}                                             | ${'a: {b: 2}'}
    ${'a.b'}               | ${'2'}     | ${'a: {b: one}'}                                           | ${'a: {b: "2"}'}
    ${"a['x.y']"}          | ${'on'}    | ${"a:\n  x.y: 'off'\n"}                                    | ${"a:\n  x.y: 'on'\n"}
    ${'a[1]'}              | ${'z'}     | ${'a:\n- x\n- y # keep\n'}                                 | ${'a:\n- x\n- z # keep\n'}
    ${'c[name=web].image'} | ${'z'}     | ${'c:\n- name: db\n  image: x\n- name: web\n  image: y\n'} | ${'c:\n- name: db\n  image: x\n- name: web\n  image: z\n'}
    ${'c[*].v'}            | ${'9'}     | ${'c: [{v: 1}, {v: 2}, {w: 3}]'}                           | ${'c: [{v: 9}, {v: 9}, {w: 3}]'}
    ${'replicas'}          | ${'false'} | ${'replicas: 3\n'}                                         | ${'replicas: false\n'}
    ${'tag'}               | ${'v2'}    | ${'tag: &t v1\nother: *t\n'}                               | ${'tag: &t v2\nother: *t\n'}
    ${'other'}             | ${'v2'}    | ${'tag: &t v1\nother: *t\n'}                               | ${'tag: &t v1\nother: v2\n'}
    ${'a'}                 | ${'x'}     | ${'a: one\n  two\nb: 1\n'}                                 | ${'a: x\nb: 1\n'}
    ${'a'}                 | ${'x'}     | ${'a: "one\n  two" # c\n'}                                 | ${'a: "x" # c\n'}
    ${'a'}                 | ${'x'}     | ${'a:\n  one\nb: 1\n'}                                     | ${'a:\n  x\nb: 1\n'}
    ${'a'}                 | ${'x'}     | ${'--- {a: one} # c\n'}                                    | ${'--- {a: x} # c\n'}
    ${'a'}                 | ${'x'}     | ${'a: &y !!str "one"\nb: *y\n'}                            | ${'a: &y !!str "x"\nb: *y\n'}
    ${'a'}                 | ${'x'}     | ${'a: &y\nb: *y\n'}                                        | ${'a: &y x\nb: *y\n'}
    ${'a'}                 | ${'2.5'}   | ${'a: !!float 1.5\n'}                                      | ${'a: !!float 2.5\n'}
    ${'a'}                 | ${'tRue'}  | ${'a: 1\n'}                                                | ${'a: "tRue"\n'}
    ${'a'}                 | ${'.inf'}  | ${'a: 1\n'}                                                | ${'a: .inf\n'}
    ${'a.b'}               | ${'x'}     | ${'a: {b: , c: 1}\n'}                                      | ${'a: {b: x, c: 1}\n'}
    ${'a[0]'}              | ${'x'}     | ${'a:\n-\n- y\n'}                                          | ${'a:\n- x\n- y\n'}
    ${'[0][0].a'}          | ${'x'}     | ${'- - a: y\n    b: 1\n'}                                  | ${'- - a: x\n    b: 1\n'}
    ${'a'}                 | ${'x'}     | ${'? a\n: y\n'}                                            | ${'? a\n: x\n'}
    ${'on'}                | ${'x'}     | ${'on: y\n1: z\n'}                                         | ${'on: x\n1: z\n'}
    ${"['it''s: a']"}      | ${'x'}     | ${'"it\'s: a": y\n'}                                       | ${'"it\'s: a": x\n'}
    ${'a[9]'}              | ${'x'}     | ${'a: [1]\n'}                                              | ${'a: [1]\n'}
    ${'n'}                 | ${'v2'}    | ${'ä: ö\n"n":\t"v1"\r\n'}                                  | ${'ä: ö\n"n":\t"v2"\r\n'}
  `('$path', ({ path, text, before, after }) => {
    expect(edit(before, pathEdit(path, text)).after).toBe(after)
  })

  test('of JSON is JSON', () => {
    const text = '{\n\t"a": {"tag": "v1", "n": 1},\n\t"b": null\n}\n'
    expect(
      edit(text, [pathEdit('a.tag', '7'), pathEdit('a.n', '2'), pathEdit('b', 'x"y')], 'a.json').after,
    ).toBe('{\n\t"a": {"tag": "7", "n": 2},\n\t"b": "x\\"y"\n}\n')
  })

  test.each<Case>`
    code               | path                                   | text
    ${'not-a-value'}   | ${'a'}                                 | ${'a: {b: 1}'}
    ${'through-alias'} | ${'a.b'}                               | ${'x: &x {b: 1}\na: *x'}
    ${'not-a-value'}   | ${'a|yaml:b'}                          | ${'a: {b: 1}'}
    ${'bad-path'}      | ${'a|toml:b'}                          | ${'a: "b: 1"'}
    ${'bad-path'}      | ${'a..b'}                              | ${'a: 1'}
    ${'bad-path'}      | ${''}                                  | ${'a: 1'}
    ${'stale-digest'}  | ${'a.tag'}                             | ${`a: {tag: v1, digest: "${A}"}`}
    ${'stale-digest'}  | ${'imageTag'}                          | ${`imageTag: v1\nimageDigest: ${A}`}
    ${'stale-digest'}  | ${'version'}                           | ${`version: v1\nsha: ${'a'.repeat(64)}`}
    ${'stale-digest'}  | ${'helm.parameters[name=a.tag].value'} | ${`helm: {parameters: [{name: a.tag, value: v1}, {name: a.digest, value: "${A}"}]}`}
    ${'bad-value'}     | ${'a'}                                 | ${'a: !!int 1'}
    ${'bad-value'}     | ${'a'}                                 | ${'a: !!binary aGk='}
    ${'encrypted'}     | ${'a'}                                 | ${'a: 1\nsops: {mac: x}'}
    ${'unreadable'}    | ${'a'}                                 | ${'a: 1\n b: c'}
    ${'unreadable'}    | ${'a|yaml:b'}                          | ${'a: "b: ["'}
    ${'not-a-value'}   | ${'a'}                                 | ${'a: {{ .Values.x }}\n b: c'}
    ${'not-unique'}    | ${'a.b'}                               | ${'a: {{ .Values.x }}\n b: c\nd:\n  b: e\n'}
  `('is refused as $code: $path', ({ code, path, text }) => {
    expect(() => edit(text, pathEdit(path, 'v2'))).toThrow(expect.objectContaining({ code }))
  })

  test.each<[Value['kind'], string]>([
    ['literal', 'a: b'],
    ['literal', '1 # c'],
    ['string', '\ud800'],
  ])('cannot be the %s %j', (kind, value) => {
    expect(() => edit('a: 1\n', pathEdit('a', value, kind))).toThrow(
      expect.objectContaining({ code: 'bad-value' }),
    )
  })

  test('beside a digest that is as wished already', () => {
    const updates = [pathEdit('tag', 'v2'), pathEdit('digest', A)]
    expect(edit(`tag: v1\ndigest: ${A}\n`, updates).after).toBe(`tag: v2\ndigest: ${A}\n`)
  })

  test.each<Case>`
    document                     | changed
    ${undefined}                 | ${[0, 1]}
    ${'1'}                       | ${[1]}
    ${'kind=B'}                  | ${[1]}
    ${'kind=A, metadata.name=x'} | ${[0]}
    ${'kind=A,metadata.name=y'}  | ${[]}
  `('in the documents that "$document" selects', ({ document, changed }) => {
    const text = '# head\n---\nkind: A\nmetadata: {name: x}\nv: 1\n---\nkind: B\nv: 1\n...\n'
    const edited = edit(text, { ...pathEdit('v', '2'), ...(document && { document }) })
    expect(edited.changes.map(change => change.document)).toEqual(changed)
  })

  test('contradictions are refused, repetitions are not', () => {
    expect(() => edit('a: x', [pathEdit('a', 'y'), pathEdit('a', 'z')])).toThrow(
      'Two updates want different values',
    )
    expect(edit('a: x', [pathEdit('a', 'w'), pathEdit('a', 'w')]).after).toBe('a: w')
  })
})

const held = (comment: string) => `image:\n  repository: reg.example/shop\n${comment}`

describe('a hold', () => {
  test.each<Case>`
    text                                                                                 | holds
    ${held('  tag: v1 # gitops-relay: hold\n')}                                          | ${true}
    ${held('  # gitops-relay: hold reason=bad memory\n  tag: v1\n')}                     | ${true}
    ${held('  tag: v1 # gitops-relay: hold until=2026-06-15\n')}                         | ${true}
    ${held('  tag: v1 # gitops-relay: hold until=2026-06-14\n')}                         | ${false}
    ${held('  # gitops-relay: hold\n  # renovate: image=reg.example/shop\n  tag: v1\n')} | ${true}
    ${held('  tag: v1 # {"$imagepolicy": "a:b:tag"} # gitops-relay: hold\n')}            | ${true}
    ${held('  # gitops-relay: hold\n\n  tag: v1\n')}                                     | ${false}
    ${'t: &t v1 # gitops-relay: hold\nrepository: reg.example/shop\ntag: *t\n'}          | ${true}
    ${held('  tag: v1 # gitops-relay: holder\n')}                                        | ${false}
    ${held('  tag: v1\nother: 1 # gitops-relay: hold\n')}                                | ${false}
    ${held('  tag: v2 # gitops-relay: hold\n')}                                          | ${false}
  `('$text', ({ text, holds }) => {
    const { held: kept, edits, before, after } = edit(text)
    expect(kept).toHaveLength(holds ? 1 : 0)
    if (holds) expect([edits, after]).toEqual([[], before])
  })

  test('keeps its own place only, and tells why', () => {
    const text =
      'containers:\n- image: reg.example/shop:v1 # gitops-relay: hold until=2026-07-01 reason=see #7\n- image: reg.example/shop:v1\n'
    const edited = edit(text)
    expect(edited.changes.map(({ path }) => path)).toEqual(['containers[1].image'])
    expect(edited.held).toEqual([
      {
        file: 'app.yaml',
        document: 0,
        path: 'containers[0].image',
        line: 2,
        value: 'reg.example/shop:v1',
        until: '2026-07-01',
        reason: 'see #7',
      },
    ])
  })

  test('keeps what could not be written, and an encrypted file that is as wished is left alone', () => {
    const digestHeld = `{repository: reg.example/shop, tag: v1, digest: "${A}"} # gitops-relay: hold\n`
    expect(edit(digestHeld).held).toMatchObject([{ value: '' }])
    expect(edit('a: v1\nsops: {mac: x}\n', pathEdit('a', 'v1')).places).toEqual([1])
  })

  test('with a date that is none is refused', () => {
    expect(() => edit(held('  tag: v1 # gitops-relay: hold until=soon\n'))).toThrow('which is no date')
  })
})
