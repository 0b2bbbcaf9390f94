import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { recordingHost } from '@gitops-relay/testing'
import { createInputReader } from '../../../packages/action-kit/src/input-reader.ts'
import { inputs, readInputs } from './inputs.ts'

const OURS = 'a'.repeat(40)
const given = {
  commit: OURS,
  repository: 'example/config',
  token: 'ghs_of-the-run',
  'source-token': 'ghs_of-the-run',
  'argocd-server': 'argocd.example.com',
  'argocd-token': 'api-token',
}

/** Instead of Argo CD. */
const flux = { 'argocd-server': '', 'argocd-token': '', provider: 'flux' }

async function read(change: Record<string, string> = {}) {
  await using host = await recordingHost()
  return readInputs(createInputReader(inputs, { ...given, ...change }, host.workspace), host)
}

test('the defaults are those of action.yml', async () => {
  expect(await read()).toMatchObject({
    provider: { name: 'argocd', credentials: { token: 'api-token' }, applications: [] },
    changedFiles: undefined,
    refresh: true,
    timeout: 600_000,
    appearTimeout: 120_000,
    settle: 5000,
    degradedGrace: 30_000,
    onSuperseded: 'success',
    onRetry: 'wait',
    onSuspended: 'fail',
    proof: undefined,
  })
})

describe('what is wrong is refused before anything is done', () => {
  test.each<[string, Record<string, string>, string]>([
    ['no commit', { commit: '' }, 'empty-input'],
    ['a short SHA', { commit: 'abc1234' }, 'bad-commit'],
    ['an unset repository', { repository: '' }, 'empty-input'],
    ['a repository that is none', { repository: 'config' }, 'bad-repository'],
    ['no server', { 'argocd-server': '' }, 'not-yet'],
    ['nobody who deploys', { 'argocd-server': '', 'argocd-token': '' }, 'no-provider'],
    ['inputs of both', { kustomizations: 'shop' }, 'contradiction'],
    ['inputs of Argo CD for Flux', { provider: 'flux' }, 'contradiction'],
    ['a kubeconfig that is not there', { ...flux, kubeconfig: 'nowhere.yaml' }, 'kubeconfig-missing'],
    ['a server that is no URL', { 'argocd-server': 'https://' }, 'bad-url'],
    [
      'a password in the URL of the server',
      { 'argocd-server': 'https://me:secret@argocd.example.com' },
      'bad-url',
    ],
    ['no credentials', { 'argocd-token': '' }, 'empty-input'],
    ['two sorts of credentials', { 'argocd-username': 'me', 'argocd-password': 'secret' }, 'contradiction'],
    ['a user name alone', { 'argocd-token': '', 'argocd-username': 'me' }, 'empty-input'],
    ['an image without a digest', { images: 'reg.example/shop:1' }, 'bad-value'],
    ['digests that are none', { digests: '["latest"]' }, 'bad-value'],
    ['digests that are cut', { digests: '["sha256:' }, 'bad-value'],
    ['digests that got lost', { digests: '' }, 'empty-input'],
    ['changes that are none', { changes: '{"file":1}' }, 'bad-changes'],
    ['a recording outside the workspace', { record: '/etc/record.jsonl' }, 'outside-workspace'],
    ['a value that is none', { 'on-retry': 'maybe' }, 'bad-value'],
  ])('%s: %s', async (_, change, code) => {
    await expect(read(change)).rejects.toMatchObject({
      code,
      sentence: expect.stringMatching(/\S/),
      remedy: expect.stringMatching(/\S/),
    })
  })
})

test('what is to be proven: images by name, and the digests of push-image', async () => {
  const [one, two] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`]
  const wish = { images: `shop:1@${one}`, digests: `${one}\n["${two}"]`, 'require-proof': 'false' }
  expect((await read(wish)).proof).toEqual({
    images: [{ repository: 'docker.io/library/shop', digest: one }],
    digests: [one, two],
    required: false,
  })
  expect((await read({ images: 'none', digests: 'none' })).proof).toBeUndefined()
})

describe('the server keeps its path', () => {
  test.each([
    ['argocd.example.com', 'https://argocd.example.com/'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['https://example.com/argocd', 'https://example.com/argocd/'],
  ])('%s', async (text, href) => {
    expect((await read({ 'argocd-server': text })).provider).toMatchObject({ server: new URL(href) })
  })
})

describe('a kubeconfig is content, a path, or what the machine says', () => {
  const content = 'apiVersion: v1\nkind: Config\n'
  test('content', async () => {
    expect((await read({ ...flux, kubeconfig: content })).provider).toMatchObject({
      name: 'flux',
      kubeconfigs: [{ text: content }],
      kustomizations: [],
    })
  })

  test('paths, relative to the workspace', async () => {
    await using host = await recordingHost({ env: { KUBECONFIG: '/nowhere/else' } })
    await writeFile(join(host.workspace, 'one.yaml'), content)
    const named = { ...given, ...flux, kubeconfig: 'one.yaml', kustomizations: 'apps/shop, web' }
    const { provider } = readInputs(createInputReader(inputs, named, host.workspace), host)
    expect(provider).toMatchObject({
      kubeconfigs: [{ text: content, directory: host.workspace }],
      kustomizations: ['apps/shop', 'web'],
    })
    const silent = createInputReader(inputs, { ...given, ...flux }, host.workspace)
    expect(() => readInputs(silent, host)).toThrow('There is no kubeconfig at /nowhere/else.')
  })

  test('nothing: the pod that the runner is', async () => {
    expect((await read(flux)).provider).toMatchObject({ kubeconfigs: [] })
  })
})

test('the files of bump-manifest.changes are those of the commit', async () => {
  const changes = JSON.stringify([
    { file: 'a.yaml', path: 'x' },
    { file: 'a.yaml', path: 'y' },
    { file: 'b.yaml' },
  ])
  expect((await read({ changes })).changedFiles).toEqual(['a.yaml', 'b.yaml'])
  expect((await read({ changes: '[]' })).changedFiles).toBeUndefined()
})

describe('the token goes to the host of the repository only where it belongs there', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['the token of the run, to the server of the run', {}, 'ghs_of-the-run'],
    ['the token of the run, to another host', { repository: 'https://git.example/shop/config' }, undefined],
    ['a token of its own', { repository: 'https://git.example/shop/config', token: 'reader' }, 'reader'],
    ['over ssh', { repository: 'git@github.com:example/config.git' }, undefined],
  ])('%s', async (_, change, token) => {
    expect((await read(change)).token).toBe(token)
  })
})
