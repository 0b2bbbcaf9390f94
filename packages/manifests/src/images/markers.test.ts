import { describe, expect, test } from '@jest/globals'
import { A, B, edit, expectWritten, pinned, shop } from './cases.ts'
import type { ImageUpdate } from '../types.ts'

const mark = (suffix = '') => `# {"$imagepolicy": "flux-system:shop${suffix}"}`
const policy: ImageUpdate = { ...shop, policy: 'flux-system:shop' }

describe("Flux's markers", () => {
  test.each<[string, string, ImageUpdate?]>([
    ['a whole reference', `x: ‹reg.example/shop:v1→reg.example/shop:v2› ${mark()}\n`],
    ['in a list', `args:\n- a\n- ‹reg.example/shop:v1→reg.example/shop:v2› ${mark()}\n- b\n`],
    ['pinned', `x: ‹reg.example/shop:v1→reg.example/shop:v2@${B}› ${mark()}\n`, pinned],
    ['name and tag', `a:\n  n: reg.example/shop ${mark(':name')}\n  t: "‹v1→v2›" ${mark(':tag')}\n`],
    [
      'name, tag, digest',
      `a:\n  n: reg.example/shop ${mark(':name')}\n  t: ‹v1→v2› ${mark(':tag')}\n  d: ‹${A}→${B}› ${mark(':digest')}\n`,
      pinned,
    ],
    ['a tag elsewhere', `n: reg.example/shop ${mark(':name')}\nb:\n  t: ‹v1→v2› ${mark(':tag')}\n`],
    [
      'the tag of another policy',
      `n: reg.example/shop ${mark(':name')}\nt: v1 # {"$imagepolicy": "flux-system:other:tag"}\n`,
    ],
    [
      'a Kubernetes object',
      `apiVersion: a/v1\nkind: Own\nspec:\n  image: ‹reg.example/shop:v1→reg.example/shop:v2› ${mark()}\n`,
    ],
    [
      'a Deployment, once',
      `apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - image: ‹reg.example/shop:v1→reg.example/shop:v2› ${mark()}\n`,
    ],
    [
      'a policy whose image has another name',
      `t: ‹v1→v2› ${mark(':tag')}\nu: v1 # {"$imagepolicy": "flux-system:shop2:tag"}\n`,
      policy,
    ],
    [
      'a policy, whole',
      `x: ‹old.example/app:v1→reg.example/shop:v2› ${mark()}\ncontainers:\n- image: reg.example/shop:v1\n`,
      policy,
    ],
    [
      'a policy, name and tag',
      `n: ‹old.example/app→reg.example/shop› ${mark(':name')}\nt: ‹v1→v2› ${mark(':tag')}\n`,
      policy,
    ],
    [
      'a policy, digest alone',
      `d: ‹${A}→${B}› ${mark(':digest')}\n`,
      { ...pinned, policy: 'flux-system:shop' },
    ],
    [
      'a kustomization',
      `images:\n- name: app\n  newName: ‹old.example/app→reg.example/shop› ${mark(':name')}\n  newTag: ‹v1→v2› ${mark(':tag')}\n`,
      policy,
    ],
  ])('%s', (_, text, update = shop) => expectWritten(text, update))

  test.each([
    [
      'a.jsonc',
      '{"a": "‹reg.example/shop:v1→reg.example/shop:v2›" // {"$imagepolicy": "flux-system:shop"}\n}\n',
    ],
    ['a.tfvars', 'a = "‹reg.example/shop:v1→reg.example/shop:v2›" # {"$imagepolicy": "flux-system:shop"}\n'],
    ['a.yaml', `data:\n  values.yaml: |\n    x: ‹reg.example/shop:v1→reg.example/shop:v2› ${mark()}\n`],
  ])('in %s', (file, text) => expectWritten(text, shop, file))

  test('are counted once where the shape is known, too', () => {
    const text = `image:\n  repository: reg.example/shop ${mark(':name')}\n  tag: v1 ${mark(':tag')}\n`
    expect(edit(text)).toMatchObject({ places: [1], changes: [{ path: 'image.tag', new: 'v2' }] })
  })

  test.each<[string, string, ImageUpdate]>([
    ['digest-needed', `t: v1 ${mark(':tag')}\nd: ${A} ${mark(':digest')}\n`, policy],
    [
      'tag-needed',
      `t: v1 ${mark(':tag')}\n`,
      { kind: 'image', repository: 'reg.example/shop', digest: B, policy: 'flux-system:shop' },
    ],
    ['digest-not-held', `t: v2 ${mark(':tag')}\n`, { ...pinned, policy: 'flux-system:shop' }],
    ['stale-digest', `t: v1 ${mark(':tag')}\ndigest: ${A}\n`, policy],
    ['stale-digest', `webTag: v1 ${mark(':tag')}\nwebDigest: ${A}\n`, { ...policy, digest: B }],
  ])('refuse as %s', (code, text, update) => {
    expect(() => edit(text, update)).toThrow(expect.objectContaining({ code }))
  })
})

describe('a comment above or behind a value', () => {
  test.each<[string, string, ImageUpdate?]>([
    ['a tag', '# gitops-relay: image=reg.example/shop\nversion: ‹v1→v2›\nother: v1\n'],
    ['behind it', 'version: ‹v1→v2› # gitops-relay: image=reg.example/shop\n'],
    [
      'a whole reference',
      'args:\n# gitops-relay: image=reg.example/shop\n- ‹reg.example/shop:v1→reg.example/shop:v2›\n',
    ],
    ['a digest', `a:\n  # gitops-relay: image=reg.example/shop\n  sum: ‹${A}→${B}›\n`, pinned],
    [
      'tag and digest',
      `a:\n  # gitops-relay: image=reg.example/shop\n  v: ‹v1→v2›\n  # gitops-relay: image=reg.example/shop\n  d: ‹${A}→${B}›\n`,
      pinned,
    ],
    ['tag@digest', `# gitops-relay: image=reg.example/shop\nv: ‹v1@${A}→v2@${B}›\n`, pinned],
    ['Renovate, image', '# renovate: image=reg.example/shop\nVERSION: ‹v1→v2›\n'],
    [
      'Renovate, depName',
      '# renovate: datasource=docker depName=reg.example/shop versioning=docker\nVERSION: ‹v1→v2›\n',
    ],
    [
      'Renovate, packageName',
      '# renovate: datasource=docker depName=shop packageName=reg.example/shop\nVERSION: ‹v1→v2›\n',
    ],
    ['further comments between', '# gitops-relay: image=reg.example/shop\n# for now\nVERSION: ‹v1→v2›\n'],
    ['behind another comment', `v: ‹v1→v2› # for now # gitops-relay: image=reg.example/shop\n`],
    [
      'Renovate, short name',
      '# renovate: depName=nginx\nv: ‹"1"→"2"›\n',
      { ...shop, repository: 'docker.io/library/nginx', tag: '2' },
    ],
  ])('%s', (_, text, update = shop) => expectWritten(text, update))

  test.each([
    ['a.tfvars', '# renovate: image=reg.example/shop\nversion = "‹v1→v2›"\n'],
    ['a.tf', 'locals {\n  /* gitops-relay: image=reg.example/shop */ version = "‹v1→v2›"\n}\n'],
    ['a.toml', `# gitops-relay: image=reg.example/shop\nversion = '‹v1→v2›'\n`],
    ['a.jsonc', '{\n  // gitops-relay: image=reg.example/shop\n  "version": "‹v1→v2›"\n}\n'],
    [
      '.argocd-source.yaml',
      'plugin:\n  env:\n  - name: TAG\n    # gitops-relay: image=reg.example/shop\n    value: ‹v1→v2›\n',
    ],
    ['values.yaml', 'values: |\n  # gitops-relay: image=reg.example/shop\n  v: ‹v1→v2›\n'],
  ])('in %s', (file, text) => expectWritten(text, shop, file))

  test.each([
    ['another image', '# gitops-relay: image=reg.example/db\nversion: v1 # shop\n'],
    ['a line further down', '# gitops-relay: image=reg.example/shop\n\nversion: v1\n'],
    ['in a string', 'a: "# gitops-relay: image=reg.example/shop"\nversion: v1\n'],
  ])('not %s', (_, text) => {
    expect(edit(text)).toMatchObject({ edits: [], places: [0] })
  })

  test('a hold beside it holds', () => {
    const text = '# gitops-relay: image=reg.example/shop\nversion: v1 # gitops-relay: hold reason=freeze\n'
    expect(edit(text)).toMatchObject({
      edits: [],
      held: [{ path: 'version', value: 'v1', reason: 'freeze' }],
    })
  })
})
