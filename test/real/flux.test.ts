// What Flux goes by still stands after an edit: its setter finds the same places, and the values that it would write itself.
import { beforeAll, expect, test } from '@jest/globals'
import type { ImageUpdate } from '../../packages/manifests/src/index.ts'
import { ask, describeWith, type Answer } from './ask.ts'
import { A, bumped, pinned, shop, tagged, v1 } from './wanted.ts'

const head = (kind: string) => `apiVersion: example.org/v1\nkind: ${kind}\nmetadata:\n  name: shop\n`

interface Case {
  name: string
  text: string
  update?: ImageUpdate
  /** Is the setter's file ours? It prints all of a file anew, which not every file survives. */
  bytes?: boolean
  /** Is there anything to set? */
  sets?: boolean
  /** We and the setter do not agree today. */
  why?: string
}

describeWith('go')("Flux's setter", () => {
  const policy = 'flux-system:shop'
  const mark = (part = '') => `# {"$imagepolicy": "${policy}${part}"}`
  const bare = mark().slice(2)
  const both: ImageUpdate = { ...shop, policy }

  const cases: Case[] = [
    { name: 'an image', text: `${head('Own')}spec:\n  image: ${v1} ${mark()}\n` },
    {
      name: 'an image, pinned',
      text: `${head('Own')}spec:\n  image: ${v1}@${A} ${mark()}\n`,
      update: pinned,
    },
    { name: 'an image in quotes', text: `${head('Own')}spec:\n  image: "${v1}" ${mark()}\n` },
    {
      name: 'a Deployment',
      text: `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: ${v1} ${mark()}\n      - name: db\n        image: reg.example/db:1\n`,
    },
    {
      name: 'a HelmRelease',
      text: `${head('HelmRelease')}spec:\n  values:\n    image:\n      repository: reg.example/shop ${mark(':name')}\n      tag: v1 ${mark(':tag')}\n`,
    },
    {
      name: 'values with a digest',
      text: `image:\n  repository: reg.example/shop ${mark(':name')}\n  tag: v1 ${mark(':tag')}\n  digest: ${A} ${mark(':digest')}\n`,
      update: pinned,
    },
    {
      name: 'a kustomization',
      text: `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n- name: shop\n  newName: reg.example/shop ${mark(':name')}\n  newTag: v1 ${mark(':tag')}\n`,
    },
    {
      name: 'a kustomization, the name as well',
      text: `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n- name: shop\n  newName: old.example/shop ${mark(':name')}\n  newTag: v1 ${mark(':tag')}\n`,
      update: both,
    },
    { name: 'a list', text: `${head('Own')}spec:\n  args:\n  - a\n  - ${v1} ${mark()}\n` },
    { name: 'an indented list', text: `${head('Own')}spec:\n  args:\n    - a\n    - ${v1} ${mark()}\n` },
    {
      name: 'two documents',
      text: `${head('One')}image: ${v1} ${mark()}\n---\n${head('Two')}image: ${v1} ${mark()}\n`,
    },
    ...['1.10', '1e3', '0123456', '1234567', '1234567e8', 'on', 'null', '2024-01-01'].map(tag => ({
      name: `the tag ${tag}`,
      text: `name: reg.example/shop ${mark(':name')}\ntag: v1 ${mark(':tag')}\n`,
      update: tagged(tag),
    })),
    {
      name: 'a tag in single quotes',
      text: `name: reg.example/shop ${mark(':name')}\ntag: 'v1' ${mark(':tag')}\n`,
    },
    {
      name: 'comments, blank lines',
      text: `# ours\n\nx: 1   # one\n\nimage: ${v1}   ${mark()}\n`,
      bytes: false,
    },
    { name: 'CRLF', text: `x: 1\r\nimage: ${v1} ${mark()}\r\n`, bytes: false },
    {
      name: 'flow of several lines',
      text: `x: {\n  n: reg.example/shop, ${mark(':name')}\n  t: v1, ${mark(':tag')}\n  }\n`,
      bytes: false,
    },
    { name: 'a value below its key', text: `x:\n  ${v1} ${mark()}\n`, bytes: false },
    { name: 'an empty tag', text: `n: reg.example/shop ${mark(':name')}\nt: "" ${mark(':tag')}\n` },
    { name: 'an anchor', text: `x: &i ${v1} ${mark()}\n` },
    { name: 'a type', text: `x: !!str ${v1} ${mark()}\n` },
    { name: 'a folded block', text: `x: >- ${mark()}\n  ${v1}\nz: 1\n` },
    { name: 'no space', text: `x: ${v1} #${bare}\n` },
    { name: 'more spaces', text: `x: ${v1} #  {  "$imagepolicy"  :  "${policy}"  }\n` },
    { name: 'two marks of a comment', text: `x: ${v1} #${mark()}\n` },
    {
      name: 'another policy',
      text: `x: ${v1} # {"$imagepolicy": "flux-system:db"}\n`,
      update: both,
      sets: false,
    },
    { name: 'above a key', text: `y: 1\n${mark()}\nx: ${v1}\n`, sets: false },
    { name: 'behind a key', text: `x: ${mark()}\n  ${v1}\n`, sets: false, bytes: false },
    {
      name: 'an unknown part',
      text: `n: reg.example/shop ${mark(':name')}\nt: v1 ${mark(':sha')}\n`,
      sets: false,
    },
    {
      name: 'behind a map in flow',
      text: `i: {n: reg.example/shop, t: v1} ${mark(':tag')}\nn: reg.example/shop ${mark(':name')}\n`,
      why: 'to the setter the comment belongs to the map, and the tag stays',
    },
    {
      name: 'behind a list in flow',
      text: `x: [a, ${v1}] ${mark()}\n`,
      why: 'to the setter the comment belongs to the list, and the image stays',
    },
    {
      name: 'above an item',
      text: `x:\n- a\n${mark()}\n- ${v1}\n`,
      why: 'the setter reads the comment above an item as well, and we do not',
    },
    {
      name: 'words before it',
      text: `x: ${v1} # see ${bare}\n`,
      why: 'the setter wants JSON and nothing else, and the image stays',
    },
    {
      name: 'words behind it',
      text: `x: ${v1} ${mark()} see\n`,
      why: 'the setter wants JSON and nothing else, and the image stays',
    },
    {
      name: 'another key beside it',
      text: `x: ${v1} ${mark().replace('}', ', "y": "z"}')}\n`,
      why: 'the setter reads all JSON of strings, and we read that key alone',
    },
    {
      name: 'an alias',
      text: `y: &i ${v1}\nx: *i ${mark()}\n`,
      why: 'the setter leaves aliases alone, and we write the image in its place',
    },
  ]

  interface Set {
    text: string
    /** What stood at the markers. */
    found: string[]
  }
  let answers: Answer<Set>[] = []
  beforeAll(() => {
    const questions = cases.flatMap(({ text, update = shop }) => {
      const { repository, tag = '', digest } = update
      const setters = {
        [policy]: `${repository}:${tag}${digest === undefined ? '' : `@${digest}`}`,
        [`${policy}:name`]: repository,
        [`${policy}:tag`]: tag,
        [`${policy}:digest`]: digest ?? '',
      }
      const ours = bumped(text, update, 'app.yaml')
      return [
        { text, setters },
        { text: ours, setters },
        { text: ours, setters: {} },
      ]
    })
    answers = ask('go', 'setter', questions)
  })

  function expectAgreement({
    index,
    text,
    update = shop,
    bytes = true,
    sets = true,
  }: Case & { index: number }): void {
    const [theirs, again, printed] = answers.slice(3 * index).map(({ value }) => value)
    const ours = bumped(text, update, 'app.yaml')
    expect(printed?.text).toBe(theirs?.text)
    expect(again?.text).toBe(theirs?.text)
    expect(again?.found).toHaveLength(theirs?.found.length ?? -1)
    expect(theirs?.text === ours).toBe(bytes)
    expect(text !== ours).toBe(sets)
  }
  const numbered = cases.map((row, index) => ({ ...row, index }))
  test.each(numbered.filter(({ why }) => why === undefined))('$name', expectAgreement)
  test.failing.each(numbered.filter(({ why }) => why !== undefined))('$name, because $why', expectAgreement)
})
