// Ancestry and fate over a real repository.
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execute } from '@gitops-relay/process'
import { gitAncestry } from './ancestry.ts'

const { signal } = new AbortController()
let root = ''
let work = ''
const git = (...args: string[]) =>
  execFileSync('git', ['-C', work, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim()
const commits: Record<string, string> = {}

async function commit(name: string, files: Record<string, string>): Promise<void> {
  for (const [file, text] of Object.entries(files)) await writeFile(join(work, file), text)
  git('add', '--all')
  git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '-m', name)
  commits[name] = git('rev-parse', 'HEAD')
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ancestry-'))
  work = join(root, 'config')
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', work])
  git('config', 'uploadpack.allowFilter', 'true')
  await commit('first', { 'app.yaml': 'tag: 1\n', 'with space.yaml': 'a: 1\n' })
  await commit('ours', { 'app.yaml': 'tag: 2\n' })
  await commit('note', { 'README.md': 'hello\n' })
  await commit('newer', { 'app.yaml': 'tag: 3\n' })
  await commit('revert', { 'app.yaml': 'tag: 1\n' })
  git('checkout', '--quiet', '-b', 'other', commits['first'] ?? '')
  await commit('other', { 'app.yaml': 'tag: 9\n' })
})
afterAll(() => rm(root, { recursive: true }))

const open = async (url = pathToFileURL(work).href) => {
  const directory = await mkdtemp(join(root, 'clone-'))
  return gitAncestry({
    url,
    token: undefined,
    directory: () => Promise.resolve(directory),
    env: process.env,
    execute,
  })
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

test('a revision that the repository lacks, and a repository that is not there, are unknown and say why', async () => {
  const ours = commits['ours'] ?? ''
  const missing = await (await open()).relate('f'.repeat(40), ours, undefined, signal)
  expect(missing).toMatchObject({ relation: 'unknown', detail: expect.stringMatching(/\S/) })
  const nowhere = await open(pathToFileURL(join(root, 'nowhere')).href)
  expect(await nowhere.relate(ours, ours, undefined, signal)).toMatchObject({ relation: 'unknown' })
  expect(await nowhere.changedFiles(ours, signal)).toBeUndefined()
})

test('a clone that failed once is tried again', async () => {
  const later = join(root, 'later')
  const ancestry = await open(pathToFileURL(later).href)
  expect(await ancestry.changedFiles(commits['ours'] ?? '', signal)).toBeUndefined()
  execFileSync('git', ['clone', '--quiet', '--bare', work, later])
  expect(await ancestry.changedFiles(commits['ours'] ?? '', signal)).toEqual(['app.yaml'])
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
