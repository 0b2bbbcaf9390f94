// Ancestry and fate over a real repository, through git's own HTTP.
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { repositoryUrl } from '@gitops-relay/config-repo/url'
import { execute } from '@gitops-relay/process'
import { gitServer, temporaryDirectory, type GitServer, type TemporaryDirectory } from '@gitops-relay/testing'
import { gitAncestry, type Ancestry } from './ancestry.ts'

const { signal } = new AbortController()
const TOKEN = 'config-reader-token'
const commits: Record<string, string> = {}
let server: GitServer
let clones: TemporaryDirectory

beforeAll(async () => {
  server = await gitServer({ token: TOKEN })
  clones = await temporaryDirectory()
  const commit = async (name: string, files: Record<string, string>, branch = 'main') => {
    commits[name] = await server.commit('config', branch, files, name)
  }
  commits['first'] = await server.createRepository('config', {
    'app.yaml': 'tag: 1\n',
    'with space.yaml': 'a: 1\n',
  })
  await server.git('config', 'branch', 'other')
  await commit('ours', { 'app.yaml': 'tag: 2\n' })
  await commit('note', { 'README.md': 'hello\n' })
  await commit('newer', { 'app.yaml': 'tag: 3\n' })
  await commit('revert', { 'app.yaml': 'tag: 1\n' })
  await commit('other', { 'app.yaml': 'tag: 9\n' }, 'other')
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await clones[Symbol.asyncDispose]()
})

const relate = (ancestry: Ancestry, revision: string) =>
  ancestry.relate(revision, commits['ours'] ?? '', undefined, signal)

const open = async (url = server.url('config'), token = TOKEN) => {
  const path = await mkdtemp(join(clones.path, 'clone-'))
  const directory = () => Promise.resolve(path)
  return gitAncestry({ repository: repositoryUrl(url, ''), token, directory, env: process.env, execute })
}

describe('a revision stands to ours as', () => {
  test.each([
    ['ours', { relation: 'newer', value: 'kept' }],
    ['note', { relation: 'newer', value: 'kept' }],
    ['newer', { relation: 'newer', value: 'changed' }],
    ['revert', { relation: 'newer', value: 'reverted' }],
    ['first', { relation: 'older' }],
    ['other', { relation: 'diverged' }],
  ])('%s', async (name, answer) => {
    const ancestry = await open()
    expect(await ancestry.relate(commits[name] ?? '', commits['ours'] ?? '', undefined, signal)).toEqual(
      answer,
    )
  })
})

test('only the files that were named decide what became of the value', async () => {
  const ancestry = await open()
  const { value } = await ancestry.relate(
    commits['revert'] ?? '',
    commits['ours'] ?? '',
    ['with space.yaml'],
    signal,
  )
  expect(value).toBe('kept')
})

describe('what cannot be known is unknown, and says why', () => {
  test('a revision that the repository lacks', async () => {
    const answer = await relate(await open(), 'f'.repeat(40))
    expect(answer).toMatchObject({ relation: 'unknown', detail: expect.stringMatching(/\S/) })
  })
  test('a repository that is not there', async () => {
    const ancestry = await open(server.url('nowhere'))
    expect(await relate(ancestry, commits['note'] ?? '')).toMatchObject({ relation: 'unknown' })
    expect(await ancestry.changedFiles(commits['ours'] ?? '', signal)).toBeUndefined()
  })
  test('a token that is refused', async () => {
    const answer = await relate(await open(server.url('config'), 'another-token'), commits['note'] ?? '')
    expect(answer).toMatchObject({ relation: 'unknown' })
    expect(JSON.stringify(answer)).not.toContain('another-token')
  })
  test('until it can', async () => {
    server.fail({ match: 'info/refs', times: 2, kind: 'status', status: 503 })
    const ancestry = await open()
    expect(await relate(ancestry, commits['note'] ?? '')).toMatchObject({ relation: 'unknown' })
    expect(await relate(ancestry, commits['note'] ?? '')).toEqual({ relation: 'newer', value: 'kept' })
  })
})

test('commits come alone; a file is fetched only when it decides', async () => {
  const before = server.requests.length
  const ancestry = await open()
  await ancestry.relate(commits['first'] ?? '', commits['ours'] ?? '', undefined, signal)
  expect(server.requests.slice(before).filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(
    2,
  )
})

test('the files of the first commit are all of its files', async () => {
  const ancestry = await open()
  expect(await ancestry.changedFiles(commits['first'] ?? '', signal)).toEqual(['app.yaml', 'with space.yaml'])
})

test('several questions at once do not fight over the clone', async () => {
  const ancestry = await open()
  const names = ['note', 'newer', 'revert', 'first', 'other']
  const answers = await Promise.all(
    names.map(name => ancestry.relate(commits[name] ?? '', commits['ours'] ?? '', undefined, signal)),
  )
  expect(answers.map(({ relation }) => relation)).toEqual(['newer', 'newer', 'newer', 'older', 'diverged'])
})
