// What kustomize builds from a bumped kustomization, component, patch or object.
import { A, B, digestOnly, pinned, shop, tagged, typedTags, v1, v2 } from './wanted.ts'
import { describeRendered, type Case, type Files } from './rendering.ts'

const pod = (image: string) => `
      initContainers:
      - {name: prepare, image: ${image}}
      containers:
      - name: web
        image: ${image} # now
      - name: db
        image: reg.example/shop-db:v1
`
const deployment = (image: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:${pod(image)}`
const cronJob = (image: string) =>
  `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: job}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: job, image: '${image}'}]}}}}}\n`
const base = (image: string): Files => ({
  'base/kustomization.yaml': 'resources: [web.yaml]\n',
  'base/web.yaml': `${deployment(image)}---\n${cronJob(image)}`,
})

type Rest = Partial<Pick<Case, 'update' | 'from' | 'to' | 'file'>> & { image?: string }

/** An overlay whose `images` hold these entries. */
function overlay(name: string, entries: string, rest: Rest = {}): Case {
  const file = 'overlay/kustomization.yaml'
  const files = { ...base(rest.image ?? v1), [file]: `resources: [../base]\nimages:\n${entries}` }
  return { name, files, file, update: shop, from: v1, to: v2, ...rest }
}

const entry = '- name: reg.example/shop\n'
const plainOverlay: Files = { 'overlay/kustomization.yaml': 'resources: [../base]\n' }

const cases = [
  overlay('a tag', `${entry}  newTag: v1 # now\n`),
  overlay(
    'a tag among others',
    `- {name: a, newTag: v1}\n${entry}  newTag: 'v1'\n- name: reg.example/shop-db\n`,
  ),
  overlay('a missing tag', entry),
  overlay('a missing tag, without an end of line', entry.trimEnd()),
  overlay('a missing tag, in flow', '- {name: reg.example/shop}\n'),
  overlay('a missing tag, with CRLF', entry.replace('\n', '\r\n')),
  overlay('a missing digest', `${entry}  newTag: v1\n`, { update: pinned, to: `${v2}@${B}` }),
  overlay('both missing', entry, { update: pinned, to: `${v2}@${B}` }),
  overlay('a digest', `${entry}  digest: ${A}\n`, {
    update: digestOnly,
    from: `reg.example/shop@${A}`,
    to: `reg.example/shop@${B}`,
  }),
  overlay('a digest that goes', `${entry}  digest: ${A}\n  newTag: v1\n`, { from: `${v1}@${A}` }),
  overlay('a tag that goes', `${entry}  newTag: v1\n`, { update: digestOnly, to: `reg.example/shop@${B}` }),
  overlay('tag and digest in one', `${entry}  newTag: v1@${A}\n`, {
    update: pinned,
    from: `${v1}@${A}`,
    to: `${v2}@${B}`,
  }),
  overlay('a new name', '- name: shop\n  newName: old.example/shop\n  newTag: v1\n', {
    image: 'shop:v0',
    update: { ...shop, match: 'shop' },
    from: 'old.example/shop:v1',
  }),
  overlay('a missing name', '- name: shop\n  newTag: v1\n', {
    image: 'shop:v0',
    update: { ...shop, match: 'shop' },
    from: 'shop:v1',
  }),
  overlay('all three missing', '- name: shop\n', {
    image: 'shop:v1',
    update: { ...pinned, match: 'shop' },
    from: 'shop:v1',
    to: `${v2}@${B}`,
  }),
  overlay('by its new name', '- name: shop\n  newTag: "v1"\n  newName: reg.example/shop\n', {
    image: 'shop:v0',
  }),
  overlay('a mirror', `${entry}  newName: mirror.example/shop\n  newTag: v1\n`, {
    from: 'mirror.example/shop:v1',
    to: 'mirror.example/shop:v2',
  }),
  overlay('a port', '- name: reg.example:5000/shop\n  newTag: v1\n', {
    image: 'reg.example:5000/shop:v0',
    update: { ...shop, repository: 'reg.example:5000/shop' },
    from: 'reg.example:5000/shop:v1',
    to: 'reg.example:5000/shop:v2',
  }),
  ...typedTags.flatMap(tag => [
    overlay(`the tag ${tag}`, `${entry}  newTag: v1\n`, {
      update: tagged(tag),
      to: `reg.example/shop:${tag}`,
    }),
    overlay(`the tag ${tag}, where none is`, entry, { update: tagged(tag), to: `reg.example/shop:${tag}` }),
  ]),
  {
    name: 'a component',
    files: {
      ...base(v1),
      'overlay/kustomization.yaml': 'resources: [../base]\ncomponents: [../part]\n',
      'part/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n${entry}`,
    },
    file: 'part/kustomization.yaml',
    update: shop,
    from: v1,
    to: v2,
  },
  {
    name: 'a patch',
    files: {
      ...base('reg.example/other:v0'),
      'overlay/kustomization.yaml': 'resources: [../base]\npatches: [path: web.yaml]\n',
      'overlay/web.yaml': deployment(v1),
    },
    file: 'overlay/web.yaml',
    update: shop,
    from: v1,
    to: v2,
  },
  {
    name: 'the objects',
    files: { ...base(v1), ...plainOverlay },
    file: 'base/web.yaml',
    update: shop,
    from: v1,
    to: v2,
  },
  {
    name: 'the objects, pinned',
    files: { ...base(`${v1}@${A}`), ...plainOverlay },
    file: 'base/web.yaml',
    update: pinned,
    from: `${v1}@${A}`,
    to: `${v2}@${B}`,
  },
]

describeRendered('kustomize', cases, [
  { tag: '1.10', row: overlay('', `${entry}  newTag: v1\n`), answer: 'cannot unmarshal number' },
])
