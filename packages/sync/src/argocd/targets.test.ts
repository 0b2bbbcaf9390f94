import { describe, expect, test } from '@jest/globals'
import { readApplication } from './application.ts'
import { findTargets, nameTargets } from './targets.ts'

const CONFIG = 'https://git.example/shop/config.git'
const source = (path: string, targetRevision = 'main', repoURL = CONFIG) => ({
  repoURL,
  path,
  targetRevision,
})
const application = (name: string, spec: object, namespace = 'argocd', annotations = {}) =>
  readApplication({ metadata: { name, namespace, annotations }, spec })

const fleet = [
  application('staging', { source: source('envs/staging') }),
  application('production', { source: source('./envs/production/') }),
  application('other', { source: source('envs/staging', 'main', 'https://git.example/other/config') }),
  application('chart', { source: { ...source(''), chart: 'redis' } }),
]
const find = (applications: typeof fleet, changedFiles: string[] | undefined, branch = '') => [
  ...findTargets(applications, { repository: 'git@git.example:shop/config', branch, changedFiles }).keys(),
]

describe('the applications that deploy a commit are those whose path it touches', () => {
  test.each<[string, string[] | undefined, string[]]>([
    ['one path', ['envs/staging/app.yaml'], ['staging']],
    ['two paths', ['envs/staging/app.yaml', 'envs/production/app.yaml'], ['production', 'staging']],
    ['a base that any overlay may read', ['base/app.yaml'], ['production', 'staging']],
    ['a path and a base', ['envs/staging/app.yaml', 'base/app.yaml'], ['production', 'staging']],
    ['a path that only begins alike', ['envs/staging2/app.yaml'], ['production', 'staging']],
    ['nobody knows which files', undefined, ['production', 'staging']],
  ])('%s', (_, files, targets) => expect(find(fleet, files)).toEqual(targets))
})

test('manifest-generate-paths widens a path, relative to it or from the root', () => {
  const annotations = { 'argocd.argoproj.io/manifest-generate-paths': '.;../../base' }
  const based = application('based', { source: source('envs/based') }, 'argocd', annotations)
  expect(find([...fleet, based], ['base/app.yaml'])).toEqual(['based'])
})

test('any source of several may be ours', () => {
  const several = application('several', {
    sources: [{ ...source(''), chart: 'redis' }, source('envs/several')],
  })
  expect(find([...fleet, several], ['envs/several/values.yaml'])).toEqual(['several'])
})

test('none found is a failure, never a success', () => {
  expect(() => find(fleet.slice(2), ['envs/staging/app.yaml'])).toThrow(
    /None of the 2 applications .* deploys/,
  )
  expect(() => find([], undefined)).toThrow(/None of the 0/)
})

test('a branch is chosen, never guessed', () => {
  const release = application('release', { source: source('envs/staging', 'release') })
  expect(() => find([...fleet, release], undefined)).toThrow(/several branches .*: main, release/)
  expect(find([...fleet, release], ['envs/staging/app.yaml'], 'release')).toEqual(['release'])
})

test('a name that occurs in two namespaces is told with its namespace', () => {
  const twin = application('staging', { source: source('envs/staging') }, 'team')
  expect(find([...fleet, twin], ['envs/staging/app.yaml'])).toEqual(['argocd/staging', 'team/staging'])
})

test('names are as the user wrote them', () => {
  expect([...nameTargets(['shop', 'team/web'])]).toEqual([
    ['shop', { name: 'shop', namespace: '' }],
    ['team/web', { name: 'web', namespace: 'team' }],
  ])
})
