import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  findSecret,
  githubServer,
  runAction,
  temporaryDirectory,
  type GitHubServer,
  type RunActionOptions,
} from '@gitops-relay/testing'

const TOKEN = 'ghs_canary_0123456789.abcdefXYZ.q-_w'
const repo = 'acme/config'
const before = 'images:\n  - name: reg.example/acme/shop # ours\n    newTag: 1.0.0\n'
const after = before.replace('1.0.0', '1.1.0')

async function open(login = 'app[bot]') {
  const server = await githubServer({ tokens: { [TOKEN]: { login } } })
  await server.createRepository(repo, { 'kustomization.yaml': before })
  return server
}

const bump = (server: GitHubServer, inputs: Record<string, string>, more: Partial<RunActionOptions> = {}) =>
  runAction({
    action: 'bump-manifest',
    inputs: {
      repository: repo,
      token: TOKEN,
      files: 'kustomization.yaml',
      image: 'reg.example/acme/shop:1.1.0',
      ...inputs,
    },
    env: server.environment,
    ...more,
  })

test('a verified commit by the API, from the committed bundle', async () => {
  await using server = await open()
  await using run = await bump(server, { 'require-verified': 'true' })
  expect([run.exitCode, run.outputs['result'], run.outputs['commit']]).toEqual([
    0,
    'updated',
    await server.git.head(repo, 'main'),
  ])
  expect(await server.git.read(repo, 'main', 'kustomization.yaml')).toBe(after)
  expect(run.summary).toContain('GitHub calls the commit verified (valid).')
  expect(server.git.requests).toEqual([])
}, 60_000)

test('a pull request of the run, merged by itself, and no secret anywhere', async () => {
  await using server = await open('github-actions[bot]')
  await using keys = await temporaryDirectory()
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys.path, 'id')])
  const key = await readFile(join(keys.path, 'id'), 'utf8')
  await using run = await bump(server, {
    mode: 'pull-request',
    'auto-merge': 'squash',
    'signing-key': key,
    'pull-request-labels': 'deploy',
  })
  expect([run.exitCode, run.outputs['result'], run.outputs['pull-request-number']]).toEqual([
    0,
    'pull-request',
    '1',
  ])
  expect(server.pulls(repo)).toMatchObject([{ state: 'closed', labels: ['deploy'] }])
  expect(await server.git.read(repo, 'main', 'kustomization.yaml')).toBe(after)
  expect(run.annotations.map(({ message }) => message)).toEqual([
    expect.stringContaining('start no workflows'),
  ])
  const commit = await server.git.git(repo, 'cat-file', 'commit', String(run.outputs['commit']))
  expect(commit).toContain('gpgsig -----BEGIN SSH SIGNATURE-----')
  const { log, summary, outputs, directories } = run
  for (const secret of [TOKEN, key.split('\n')[2] ?? '']) {
    const looked = {
      texts: { log, summary, outputs },
      directories: [directories.temp, directories.home, server.git.root],
    }
    expect(await findSecret(secret, looked)).toEqual([])
  }
}, 60_000)

test('a rule of the branch is told with its remedy', async () => {
  await using server = await open()
  server.protect(repo, 'main', { pullRequest: true })
  await using run = await bump(server, { transport: 'api' })
  expect([run.exitCode, run.outputs['result']]).toEqual([1, 'failed'])
  expect(run.outputs['reason']).toMatch(/^branch-protected: /)
  expect(run.annotations.map(({ message }) => message)).toEqual([
    expect.stringContaining('set "mode" to pull-request'),
  ])
}, 60_000)
