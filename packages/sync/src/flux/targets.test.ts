import { describe, expect, test } from '@jest/globals'
import type { Fields } from '../fields.ts'
import { findKustomizations, nameKustomizations } from './targets.ts'

const repository = 'https://git.example/shop/config'
const source = (name: string, url: string, ref?: Fields): Fields => ({
  kind: 'GitRepository',
  metadata: { namespace: 'flux-system', name },
  spec: { url, ref },
})
const kustomization = (name: string, path: string, from = 'config'): Fields => ({
  kind: 'Kustomization',
  metadata: { namespace: 'flux-system', name },
  spec: { path, sourceRef: { kind: 'GitRepository', name: from } },
})
const main = { branch: 'main' }
const all = [
  source('config', 'ssh://git@git.example/shop/config.git', main),
  source('other', 'https://git.example/other', main),
  kustomization('prod', './envs/prod'),
  kustomization('staging', 'envs/staging'),
  kustomization('elsewhere', './', 'other'),
]
const find = (changedFiles: string[] | undefined, manifests = all, branch = '') =>
  findKustomizations(manifests, { repository, branch, changedFiles }).map(name => name.split('/')[2])

describe('the Kustomizations that deploy a commit', () => {
  test.each<[string, string[] | undefined, string[]]>([
    ['by the path that it touches', ['envs/prod/web.yaml'], ['prod']],
    ['each path that it touches', ['envs/prod/a', 'envs/staging/b'], ['prod', 'staging']],
    ['all, when a file is in none of the paths', ['base/web.yaml', 'envs/prod/a'], ['prod', 'staging']],
    ['all, when nobody knows the files', undefined, ['prod', 'staging']],
  ])('%s', (_, files, names) => expect(find(files)).toEqual(names))

  test('a branch is that of the source; without one it is master, and a tag follows none', () => {
    const manifests = [
      ...all,
      source('next', repository, { branch: 'next' }),
      source('plain', repository),
      source('release', repository, { tag: 'v1' }),
      kustomization('next', './', 'next'),
      kustomization('plain', './', 'plain'),
      kustomization('release', './', 'release'),
    ]
    expect(find(undefined, manifests, 'next')).toEqual(['next'])
    expect(find(undefined, manifests, 'master')).toEqual(['plain'])
    expect(() => find(undefined, manifests)).toThrow('main, master, next')
  })

  test('none is an error that says what was looked for', () => {
    expect(() => find(undefined, all, 'trunk')).toThrow(
      'None of the 3 Kustomizations that can be seen deploys https://git.example/shop/config, branch trunk.',
    )
  })
})

test('names are those of the user, in the namespace of Flux where they say none', () => {
  expect(nameKustomizations(['apps/shop', 'shop'])).toEqual([
    'Kustomization/apps/shop',
    'Kustomization/flux-system/shop',
  ])
})
