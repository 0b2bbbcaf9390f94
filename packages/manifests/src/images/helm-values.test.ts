import { describe, expect, test } from '@jest/globals'
import { A, B, edit, expectWritten, pinned, shop } from './cases.ts'
import type { ImageUpdate } from '../types.ts'

describe('Helm values hold an image as', () => {
  const digits: ImageUpdate = { ...shop, tag: '1234567' }
  test.each<[string, string, ImageUpdate?]>([
    ['repository and tag', 'image:\n  repository: reg.example/shop\n  tag: ‹v1→v2›\n'],
    ['the same in flow', 'image: {repository: reg.example/shop, tag: "‹v1→v2›", pullPolicy: Always}\n'],
    ['tag before repository', 'image:\n  tag: ‹v1→v2› # now\n  repository: reg.example/shop\n'],
    ['registry, too', 'image:\n  registry: reg.example\n  repository: shop\n  tag: ‹v1→v2›\n'],
    [
      'all four',
      `image:\n  registry: reg.example\n  repository: shop\n  tag: ‹v1→v2›\n  digest: "‹${A}→${B}›"\n`,
      pinned,
    ],
    [
      'an unset digest',
      `image:\n  repository: reg.example/shop\n  tag: ‹v1→v2›\n  digest: "‹→${B}›"\n`,
      pinned,
    ],
    [
      'an unset digest that stays so',
      'image:\n  repository: reg.example/shop\n  tag: ‹v1→v2›\n  digest: ""\n',
    ],
    ['a null digest', `image:\n  repository: reg.example/shop\n  tag: ‹v1→v2›\n  digest:‹→ ${B}›\n`, pinned],
    [
      'a bare sha',
      `image:\n  repository: reg.example/shop\n  tag: ‹v1→v2›\n  sha: ‹${A.slice(7)}→${B.slice(7)}›\n`,
      pinned,
    ],
    [
      'an empty sha',
      `image:\n  repository: reg.example/shop\n  tag: ‹v1→v2›\n  sha: '‹→${B.slice(7)}›'\n`,
      pinned,
    ],
    ['tag and digest in one', `image:\n  repository: reg.example/shop\n  tag: ‹v1@${A}→v2@${B}›\n`, pinned],
    ['a digest alone', `image:\n  repository: reg.example/shop\n  digest: ‹${A}→${B}›\n`, pinned],
    [
      'image, imageTag, imageDigest',
      `image: reg.example/shop\nimageTag: ‹v1→v2›\nimageDigest: ‹${A}→${B}›\n`,
      pinned,
    ],
    [
      'names in capitals',
      `IMAGE_REPO: reg.example/shop\nIMAGE_TAG: ‹v1→v2›\nIMAGE_DIGEST: '‹${A}→${B}›'\n`,
      pinned,
    ],
    [
      'a registry with a port',
      'image:\n  registry: localhost:5000\n  repository: shop\n  tag: ‹v1→v2›\n',
      { ...shop, repository: 'localhost:5000/shop' },
    ],
    [
      'a repository with a port',
      'image:\n  repository: localhost:5000/shop\n  tag: ‹v1→v2›\n',
      { ...shop, repository: 'localhost:5000/shop' },
    ],
    [
      'Docker Hub by all its names',
      'a: {repository: nginx, tag: ‹v1→v2›}\nb: {repository: library/nginx, tag: ‹v1→v2›}\nc: {repository: docker.io/nginx, tag: ‹v1→v2›}\nd: {registry: docker.io, repository: library/nginx, tag: ‹v1→v2›}\ne: {registry: index.docker.io, repository: nginx, tag: ‹v1→v2›}\nf: {registry: "", repository: nginx, tag: ‹v1→v2›}\ng: {registry: quay.io, repository: nginx, tag: v1}\n',
      { ...shop, repository: 'nginx' },
    ],
    [
      'several in one file',
      'a: {image: {repository: reg.example/shop, tag: ‹v1→v2›}}\nb: {image: {repository: reg.example/shop, tag: "‹v0→v2›"}}\nc: {image: {repository: reg.example/web, tag: v1}}\n',
    ],
    [
      'an anchored map',
      'x: &image\n  repository: reg.example/shop\n  tag: ‹v1→v2›\nweb: {image: *image}\njob:\n  image:\n    <<: *image\n    pullPolicy: Always\n',
    ],
    ['image and imageTag', 'image: reg.example/shop\nimageTag: ‹v1→v2›\n'],
    ['image and image_tag', 'image: reg.example/shop\nimage_tag: ‹v1→v2›\n'],
    ['IMAGE and IMAGE_TAG', 'IMAGE: reg.example/shop\nIMAGE_TAG: ‹v1→v2›\n'],
    ['image and tag', 'image: reg.example/shop\ntag: ‹v1→v2›\n'],
    ['image and version', 'image: reg.example/shop\nversion: ‹v1→v2›\n'],
    ['registry, image, tag', 'registry: reg.example\nimage: shop\ntag: ‹v1→v2›\n'],
    ['hub, image, tag', 'pilot:\n  hub: reg.example\n  image: shop\n  tag: ‹v1→v2›\n'],
    ['image.name', 'image:\n  imageName: reg.example/shop\n  imageTag: ‹v1→v2›\n'],
    ['imageRepository', 'imageRepository: reg.example/shop\nimageTag: ‹v1→v2›\nother: 1\n'],
    ['a key of its own', 'shopImage: reg.example/shop\nshopImageTag: ‹v1→v2›\ndbImageTag: v1\n'],
    ['the short form of that', 'shopImage: reg.example/shop\nshopTag: ‹v1→v2›\ntag: v1\n'],
    ['one string', 'image: ‹reg.example/shop:v1→reg.example/shop:v2›\n'],
    ['one string, pinned', `image: "‹reg.example/shop:v1@${A}→reg.example/shop:v2@${B}›"\n`, pinned],
    [
      'one string under another key',
      'webImage: ‹reg.example/shop:v1→reg.example/shop:v2›\nimageRef: ‹reg.example/shop:v1→reg.example/shop:v2›\n',
    ],
    [
      'controllers',
      'controllers:\n  main:\n    containers:\n      app:\n        image:\n          repository: reg.example/shop\n          tag: ‹v1→v2›\n',
    ],
    [
      'a list',
      'workers:\n  - image: {repository: reg.example/db, tag: v1}\n  - image: {repository: reg.example/shop, tag: ‹v1→v2›}\n',
    ],
    ['global', 'global:\n  image:\n    repository: reg.example/shop\n    tag: ‹v1→v2›\n'],
    ['a tag in digits', 'image:\n  repository: reg.example/shop\n  tag: ‹v1→"1234567"›\n', digits],
    ['an anchored tag', 'a: &t v0\nimage:\n  repository: reg.example/shop\n  tag: &u ‹v1→v2›\nb: *u\n'],
    ['an alias as tag', 'a: &t v1\nimage:\n  repository: reg.example/shop\n  tag: ‹*t→v2›\n'],
    [
      'a merged map',
      'base: &base\n  pull: Always\nimage:\n  <<: *base\n  repository: reg.example/shop\n  tag: ‹v1→v2›\n',
    ],
    ['a folded tag', 'image:\n  repository: reg.example/shop\n  tag: >-\n    ‹v1→v2›\n'],
    ['a folded reference', 'image: >-\n  ‹reg.example/shop:v1→reg.example/shop:v2›\n'],
    ['a tag that is a number', 'image:\n  repository: reg.example/shop\n  tag: ‹1.10→v2›\n'],
  ])('%s', (_, text, update = shop) => expectWritten(text, update))

  test.each([
    ["another image's tag", 'image:\n  repository: reg.example/shop-db\n  tag: v1\n'],
    ['another registry', 'image:\n  registry: other.example\n  repository: shop\n  tag: v1\n'],
    [
      'a dependency of the chart',
      'dependencies:\n- name: shop\n  repository: https://reg.example/shop\n  version: v1\n',
    ],
    ['a tag of nothing', 'shop: reg.example/shop\ntag: v1\n'],
  ])('not %s', (_, text) => {
    expect(edit(text)).toMatchObject({ edits: [], places: [0] })
  })
})

describe("Argo CD's helm.parameters", () => {
  const application =
    'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      parameters:\n'
  test.each<[string, string, ImageUpdate?]>([
    [
      'repository and tag',
      '      - name: image.repository\n        value: reg.example/shop\n      - name: image.tag\n        value: "‹v1→v2›"\n        forceString: true\n',
    ],
    [
      'in flow',
      '      - {name: web.image.repository, value: reg.example/shop}\n      - {name: web.image.tag, value: ‹v1→v2›}\n      - {name: db.image.tag, value: v1}\n',
    ],
    [
      'tag first, with a digest',
      `      - {name: image.tag, value: ‹v1→v2›}\n      - {name: image.digest, value: '‹${A}→${B}›'}\n      - {name: image.repository, value: reg.example/shop}\n`,
      pinned,
    ],
    [
      'registry',
      '      - {name: image.registry, value: reg.example}\n      - {name: image.repository, value: shop}\n      - {name: image.tag, value: ‹v1→v2›}\n',
    ],
    [
      'all digits',
      '      - {name: image.repository, value: reg.example/shop}\n      - {name: image.tag, value: ‹v1→"1234567"›}\n',
      { ...shop, tag: '1234567' },
    ],
    [
      'a number',
      '      - {name: image.repository, value: reg.example/shop}\n      - {name: image.tag, value: ‹1.10→v2›}\n',
    ],
    [
      'one string',
      '      - name: image\n        value: ‹reg.example/shop:v1→reg.example/shop:v2›\n      - {name: web.image, value: "‹reg.example/shop:v1→reg.example/shop:v2›"}\n      - {name: note, value: reg.example/shop:v1}\n',
    ],
    [
      'a name with escaped dots',
      '      - {name: a\\.b.image.repository, value: reg.example/shop}\n      - {name: a\\.b.image.tag, value: ‹v1→v2›}\n',
    ],
    [
      'a lone tag that a comment names',
      '      - name: image.tag\n        value: ‹v1→v2› # gitops-relay: image=reg.example/shop\n',
    ],
  ])('%s', (_, parameters, update = shop) => expectWritten(application + parameters, update, 'app.yaml'))

  test('in several sources, ApplicationSets and override files', () => {
    const parameters =
      'parameters: [{name: image.repository, value: reg.example/shop}, {name: image.tag, value: ‹v1→v2›}]'
    expectWritten(
      `kind: Application\napiVersion: x/v1\nspec:\n  sources:\n  - {chart: a}\n  - helm:\n      ${parameters}\n`,
    )
    expectWritten(
      `kind: ApplicationSet\napiVersion: x/v1\nspec:\n  template:\n    spec:\n      source:\n        helm:\n          ${parameters}\n`,
    )
    expectWritten(`helm:\n  ${parameters}\n`, shop, 'app/.argocd-source-shop.yaml')
  })

  test('name their places', () => {
    const text = `${application}      - {name: image.repository, value: reg.example/shop}\n      - {name: image.tag, value: v1}\n`
    expect(edit(text).changes).toMatchObject([
      { path: 'spec.source.helm.parameters[1].value', line: 8, old: 'v1' },
    ])
  })

  test.each([
    ['a lone tag', '      - {name: image.tag, value: v1}\n'],
    [
      'the tag of another',
      '      - {name: a.repository, value: reg.example/shop}\n      - {name: b.tag, value: v1}\n',
    ],
  ])('not %s', (_, parameters) => {
    expect(edit(application + parameters)).toMatchObject({ edits: [], places: [0] })
  })
})
