import { describe, expect, test } from '@jest/globals'
import { A, B, edit, expectWritten, pinned, shop } from './cases.ts'
import type { ImageUpdate } from '../types.ts'

const match = { ...shop, match: 'app' }

describe("an entry of Argo CD's kustomize.images", () => {
  test.each<[string, string, ImageUpdate?]>([
    ['name and tag', '‹reg.example/shop:v1→reg.example/shop:v2›'],
    ['renamed', '‹app=reg.example/shop:v1→app=reg.example/shop:v2›'],
    [
      'renamed, by the old name',
      '‹reg.example/shop=mirror.example/shop:v1→reg.example/shop=mirror.example/shop:v2›',
    ],
    ['a digest', `‹reg.example/shop@${A}→reg.example/shop:v2@${B}›`, pinned],
    ['tag and digest', `‹app=reg.example/shop:v1@${A}→app=reg.example/shop:v2@${B}›`, pinned],
    ['a digest that goes', `‹reg.example/shop:v1@${A}→reg.example/shop:v2›`],
    ['a bare name', '‹reg.example/shop→reg.example/shop:v2›'],
    [
      'a port is no tag',
      '‹localhost:5000/shop→localhost:5000/shop:v2›',
      { ...shop, repository: 'localhost:5000/shop' },
    ],
    ['match, not renamed yet', '‹app:v1→app=reg.example/shop:v2›', match],
    ['match, renamed to another', '‹app=old.example/shop:v1→app=reg.example/shop:v2›', match],
    ['a star keeps the name', '‹reg.example/shop=*:v1→reg.example/shop=*:v2›'],
    ['in quotes', '"‹reg.example/shop:v1→reg.example/shop:v2›"'],
  ])('%s', (_, entry, update = shop) => {
    expectWritten(
      `spec:\n  source:\n    kustomize:\n      images:\n      - reg.example/db:v1\n      - ${entry}\n`,
      update,
    )
    expectWritten(`kustomize:\n  images: [reg.example/db:v1, ${entry}] # c\n`, update, '.argocd-source.yaml')
  })

  test('the old name comes before the new one', () => {
    expectWritten(
      'kustomize:\n  images:\n  - a=reg.example/shop:v1\n  - ‹reg.example/shop:v1→reg.example/shop:v2›\n',
    )
  })

  test('another image stays', () => {
    expect(edit('kustomize: {images: [reg.example/shop-db:v1]}')).toMatchObject({ edits: [], places: [0] })
  })
})
