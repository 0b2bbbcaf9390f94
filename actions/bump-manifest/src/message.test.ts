import { describe, expect, test } from '@jest/globals'
import type { Change, Update } from '@gitops-relay/manifests'
import { commitMessage } from './message.ts'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`
const source = {
  repository: 'acme/shop',
  commit: 'c'.repeat(40),
  run: '',
  url: 'https://github.com/acme/shop',
  author: 'Jo <jo@example.com>',
  subject: 'Add a basket',
  date: '2026-01-02T03:04:05Z',
}
const change = (path: string, old: string, now: string, file = 'envs/prod/values.yaml'): Change => ({
  file,
  document: 0,
  path,
  line: 1,
  old,
  new: now,
})
const image = (repository: string, tag?: string, digest?: string): Update => ({
  kind: 'image',
  repository,
  ...(tag && { tag }),
  ...(digest && { digest }),
})
const value: Update = { kind: 'value', path: 'replicas', value: { kind: 'literal', text: '3' } }

function message(changes: Change[], updates: Update[], template = '', trailers: string[] = []): string {
  const files = new Map(changes.map(({ file }) => [file, '']))
  return commitMessage({ changes, files }, { template, updates, source, changeId: 'id', trailers })
}
const subject = (...given: Parameters<typeof message>) => message(...given).split('\n')[0]

describe('the subject', () => {
  test.each<[string, Change[], Update[], string]>([
    [
      'tag',
      [change('image.tag', '1.0', '1.1')],
      [image('ghcr.io/acme/shop', '1.1')],
      'deploy(shop): acme/shop 1.0 → 1.1',
    ],
    [
      'tag and digest',
      [change('i[0].newTag', '1.0', '1.1'), change('i[0].digest', A, B)],
      [image('ghcr.io/acme/shop', '1.1', B)],
      'deploy(shop): acme/shop 1.0 → 1.1',
    ],
    [
      'digest alone',
      [change('i[0].digest', A, B)],
      [image('ghcr.io/acme/shop', undefined, B)],
      'deploy(shop): acme/shop sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb',
    ],
    [
      'one string',
      [change('c[0].image', `nginx:1.0@${A}`, `nginx:1.1@${B}`)],
      [image('nginx', '1.1', B)],
      'deploy(nginx): nginx 1.0 → 1.1',
    ],
    [
      'a new place',
      [change('i[0].newTag', '', '1.1')],
      [image('localhost:5000/a/b', '1.1')],
      'deploy(b): a/b (none) → 1.1',
    ],
    [
      'another repository too',
      [change('i[0].newName', 'x', 'y'), change('i[0].newTag', '1', '2')],
      [image('y', '2')],
      'deploy(y): y 1 → 2',
    ],
    [
      'many places, one version',
      [change('a.tag', '1', '2'), change('b.tag', '1', '2', 'b.yaml')],
      [image('y', '2')],
      'deploy(y): y 1 → 2',
    ],
    [
      'many versions',
      [change('a.tag', '0', '2'), change('b.tag', '1', '2', 'b.yaml')],
      [image('y', '2')],
      'deploy(y): 2 changes in 2 files',
    ],
    ['a value', [change('replicas', '1', '3')], [value], 'deploy(prod): replicas 1 → 3'],
    [
      'many images',
      ['a', 'b', 'c', 'd'].map(name => change(`${name}.tag`, '1', name)),
      ['a', 'b', 'c', 'd'].map(name => image(name, name)),
      'deploy(a, b, c and 1 more): 4 changes in envs/prod/values.yaml',
    ],
  ])('of %s', (_, changes, updates, expected) => {
    expect(subject(changes, updates)).toBe(expected)
  })

  test('of a template', () => {
    const template = '{app} {image} {tag} {digest} {old} {new} {files} {source}'
    expect(subject([change('image.tag', '1.0', '1.1')], [image('ghcr.io/acme/shop', '1.1')], template)).toBe(
      'shop acme/shop 1.1  1.0 1.1 envs/prod/values.yaml cccccccccccc',
    )
  })
})

test('trailers are the last paragraph, and foreign text cannot make one', () => {
  const text = message(
    [change('a.tag', '1\n\nChange-Id: forged\r\n', '2')],
    [image('ghcr.io/acme/shop', '2')],
    '',
    ['Reviewed-by: Jo'],
  )
  expect(text.split('\n\n').at(-1)).toBe(`Change-Id: id
Source-Repository: acme/shop
Source-Commit: ${source.commit}
Image: ghcr.io/acme/shop:2
Argocd-reference-commit-repourl: https://github.com/acme/shop
Argocd-reference-commit-sha: ${source.commit}
Argocd-reference-commit-author: Jo <jo@example.com>
Argocd-reference-commit-subject: Add a basket
Argocd-reference-commit-date: 2026-01-02T03:04:05Z
Reviewed-by: Jo
`)
  expect(text.match(/^Change-Id:/gm)).toHaveLength(1)
})
