import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import type { Outcome } from '@gitops-relay/action-kit'
import { gitRepository } from '@gitops-relay/config-repo'
import { systemClock as clock } from '@gitops-relay/http/clock'
import { execute, scrubbedEnvironment } from '@gitops-relay/process'
import { gitServer, recordingHost } from '@gitops-relay/testing'
import { createInputReader } from '../../../packages/action-kit/src/input-reader.ts'
import { inputs, readInputs } from './inputs.ts'
import { bumpManifest } from './main.ts'
import type { IsAncestor } from './order.ts'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`
const kustomization = `# Production.
images:
  - name: shop # the service
    newName: reg.example/acme/shop
    newTag: "1.0.0"   # set by the pipeline

  - name: reg.example/acme/web
    newTag: v7
    digest: ${A}
`
const files = {
  'envs/prod/kustomization.yaml': kustomization,
  'envs/prod/values.yaml': 'replicas: 3\nimage:\n  repository: reg.example/acme/shop\n  tag: 1.0.0\n',
}
const shop = { files: 'envs/prod/kustomization.yaml', image: `reg.example/acme/shop:1.1.0@${B}` }

async function world(isAncestor: IsAncestor = () => Promise.resolve(undefined)) {
  const server = await gitServer({ token: 's3cr3t' })
  const base = await server.createRepository('acme/config', files)
  const host = await recordingHost({ run: { serverUrl: server.origin } })
  return {
    server,
    host,
    base,
    async bump(given: Record<string, string>, signal = new AbortController().signal): Promise<Outcome> {
      const values = { repository: 'acme/config', token: 's3cr3t', ...given }
      const wanted = readInputs(createInputReader(inputs, values, host.workspace), host)
      const directory = `${host.runnerTemp}/${randomUUID()}`
      await mkdir(directory)
      const env = scrubbedEnvironment(process.env, [])
      const { repository: url, branch, token } = wanted
      const repository = gitRepository({ repository: url, branch, token, directory, env, execute, clock })
      const collaborators = {
        repository,
        isAncestor,
        clock,
        random: Math.random,
        unique: randomUUID,
        log: host.log,
      }
      return bumpManifest(wanted, collaborators, signal)
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await host[Symbol.asyncDispose]()
    },
  }
}

test('an image lands: the file, the message, the outputs', async () => {
  await using at = await world()
  const { result, reason, outputs, summary } = await at.bump(shop)
  expect({ result, reason }).toEqual({ result: 'updated', reason: '' })
  const text = kustomization.replace(
    '"1.0.0"   # set by the pipeline\n',
    `"1.1.0"   # set by the pipeline\n    digest: ${B}\n`,
  )
  expect(await at.server.read('acme/config', 'main', 'envs/prod/kustomization.yaml')).toBe(text)
  const [commit] = await at.server.log('acme/config', 'main')
  expect(outputs).toMatchObject({
    changed: true,
    commit: commit?.sha,
    'base-commit': at.base,
    branch: 'main',
    files: '["envs/prod/kustomization.yaml"]',
    held: '[]',
    attempts: 1,
  })
  expect(JSON.parse(String(outputs['changes']))).toEqual([
    {
      file: 'envs/prod/kustomization.yaml',
      document: 0,
      path: 'images[0].newTag',
      line: 5,
      old: '1.0.0',
      new: '1.1.0',
    },
    { file: 'envs/prod/kustomization.yaml', document: 0, path: 'images[0].digest', line: 5, old: '', new: B },
  ])
  expect(commit?.author).toBe('github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>')
  expect(commit?.message).toBe(`deploy(shop): acme/shop 1.0.0 → 1.1.0

- envs/prod/kustomization.yaml images[0].newTag: 1.0.0 → 1.1.0
- envs/prod/kustomization.yaml images[0].digest: (none) → ${B}

Change-Id: ${outputs['change-id']}
Source-Repository: acme/shop
Source-Commit: 1111111111111111111111111111111111111111
Source-Run: ${at.server.origin}/acme/shop/actions/runs/4711/attempts/1
Image: reg.example/acme/shop:1.1.0@${B}
Argocd-reference-commit-repourl: ${at.server.origin}/acme/shop
Argocd-reference-commit-sha: 1111111111111111111111111111111111111111
`)
  expect(summary).toMatch(/^### bump-manifest: landed\n/)
  expect(summary).toContain('-    newTag: "1.0.0"   # set by the pipeline')
})

test('the diff is one that git applies', async () => {
  await using at = await world()
  const { outputs } = await at.bump({ ...shop, 'dry-run': 'true' })
  const planned = String(outputs['diff'])
  expect(await at.server.head('acme/config', 'main')).toBe(at.base)
  const real = await at.bump(shop)
  expect(real.outputs['diff']).toBe(planned)
  const own = await at.server.git('acme/config', 'diff', '--no-color', '-U3', at.base, 'main')
  expect(own.replace(/^index .*\n/m, '').replaceAll(/^(@@ .* @@).*$/gm, '$1')).toBe(planned)
})

test('the same again is unchanged, and the commit is the one that is there', async () => {
  await using at = await world()
  const first = await at.bump(shop)
  const { result, reason, outputs } = await at.bump(shop)
  expect({ result, reason }).toEqual({
    result: 'unchanged',
    reason: 'unchanged: All places hold the value already.',
  })
  expect(outputs).toMatchObject({
    changed: false,
    commit: first.outputs['commit'],
    attempts: 0,
    changes: '[]',
    diff: '',
  })
})

test('a dry run shows all and writes nothing', async () => {
  await using at = await world()
  const { result, outputs, summary } = await at.bump({ ...shop, 'dry-run': 'true' })
  expect({ result, ...outputs }).toMatchObject({
    result: 'planned',
    changed: false,
    commit: undefined,
    attempts: 0,
  })
  expect(outputs['changes']).toContain('images[0].newTag')
  expect(summary).toContain('planned, nothing written')
  expect(at.server.requests.filter(({ path }) => path.includes('receive-pack'))).toEqual([])
})

test('a held place is kept, the others are written', async () => {
  await using at = await world()
  const line = 'image: {repository: reg.example/acme/shop, tag: 1.0.0} # gitops-relay: hold reason=audit\n'
  await at.server.commit('acme/config', 'main', { 'envs/prod/held.yaml': line }, 'hold')
  const held = await at.bump({ files: 'envs/prod/held.yaml', image: 'reg.example/acme/shop:1.1.0' })
  expect(held).toMatchObject({ result: 'held', reason: 'held: A hold keeps 1 place as it is.' })
  const both = await at.bump({ files: 'envs/prod/*.yaml', image: 'reg.example/acme/shop:1.1.0' })
  expect(both).toMatchObject({ result: 'updated' })
  expect(JSON.parse(String(both.outputs['held']))).toMatchObject([
    { path: 'image.tag', value: '1.0.0', reason: 'audit' },
  ])
  expect(await at.server.read('acme/config', 'main', 'envs/prod/held.yaml')).toBe(line)
})

const marked = (tag: string) =>
  `spec:\n  tag: ${tag} # {"$imagepolicy": "flux-system:shop:tag"}\n  other: v1 # {"$imagepolicy": "flux-system:web:tag"}\n`

test('a Flux policy means the places of its markers, without a controller', async () => {
  await using at = await world()
  await at.server.commit('acme/config', 'main', { 'envs/prod/flux.yaml': marked('v1') }, 'markers')
  const updates = `- {file: envs/prod/flux.yaml, image: 'reg.example/acme/shop:v2', policy: 'flux-system:shop'}`
  expect(await at.bump({ updates })).toMatchObject({ result: 'updated' })
  expect(await at.server.read('acme/config', 'main', 'envs/prod/flux.yaml')).toBe(marked('v2'))
})

test('many updates are one commit', async () => {
  await using at = await world()
  const updates = `
- {file: envs/prod/kustomization.yaml, image: 'reg.example/acme/shop:1.10'}
- {files: 'envs/**/values.yaml', image: reg.example/acme/shop, tag: 1.10, expect: 1}
- {files: 'envs/**/values.yaml', path: replicas, value: 5}
- {files: 'envs/**/kustom*.yaml', image: reg.example/acme/web, digest: '${B}'}
`
  const { outputs } = await at.bump({ updates })
  expect(await at.server.log('acme/config', 'main')).toHaveLength(2)
  expect(outputs['files']).toBe('["envs/prod/kustomization.yaml","envs/prod/values.yaml"]')
  expect(await at.server.read('acme/config', 'main', 'envs/prod/values.yaml')).toBe(
    'replicas: 5\nimage:\n  repository: reg.example/acme/shop\n  tag: "1.10"\n',
  )
  const [commit] = await at.server.log('acme/config', 'main')
  expect(commit?.message).toMatch(/^deploy\(shop, prod, web\): 5 changes in 2 files\n/)
})

test('a rival and a lost answer: every change once', async () => {
  await using at = await world()
  const rival = {
    'envs/prod/values.yaml': 'replicas: 9\nimage:\n  repository: reg.example/acme/shop\n  tag: 1.0.0\n',
  }
  at.server.fail({
    match: 'info/refs?service=git-receive-pack',
    kind: 'meanwhile',
    act: () => at.server.commit('acme/config', 'main', rival, 'rival'),
  })
  at.server.fail({ match: /POST .*git-receive-pack/, kind: 'drop-answer' })
  const { result, outputs } = await at.bump({
    files: 'envs/prod/values.yaml',
    image: 'reg.example/acme/shop:1.1.0',
  })
  const log = await at.server.log('acme/config', 'main')
  expect({ result, commit: outputs['commit'], base: outputs['base-commit'] }).toEqual({
    result: 'updated',
    commit: log[0]?.sha,
    base: log[1]?.sha,
  })
  expect(log).toHaveLength(3)
  expect(await at.server.read('acme/config', 'main', 'envs/prod/values.yaml')).toContain('replicas: 9\n')
})

const image = (tag: string) => `reg.example/acme/shop:${tag}`

describe('an older build that comes later', () => {
  const [older, newer] = ['1'.repeat(40), '2'.repeat(40)]
  const history: IsAncestor = (a, b) => Promise.resolve(a === older && b === newer)
  test.each<{ ifNewer: string; isAncestor: IsAncestor; result: string }>`
    ifNewer        | isAncestor                          | result
    ${'skip'}      | ${history}                          | ${'superseded'}
    ${'fail'}      | ${history}                          | ${'failed'}
    ${'overwrite'} | ${history}                          | ${'updated'}
    ${'skip'}      | ${() => Promise.resolve(undefined)} | ${'updated'}
  `('if-newer: $ifNewer → $result', async ({ ifNewer, isAncestor, result }) => {
    await using at = await world(isAncestor)
    const place = { files: 'envs/prod/*.yaml', 'if-newer': ifNewer }
    await at.bump({ ...place, image: image('2.0.0'), 'source-commit': newer })
    const late = await at.bump({ ...place, image: image('1.5.0'), 'source-commit': older })
    expect(late.result).toBe(result)
    expect((await at.server.log('acme/config', 'main')).length).toBe(result === 'updated' ? 3 : 2)
    if (result !== 'updated')
      expect(late.reason).toMatch(
        /^superseded: What stands there was built from a newer commit, 222222222222/,
      )
  })

  test('at a path, too', async () => {
    await using at = await world(history)
    const tag = { files: 'envs/prod/values.yaml', path: 'image.tag' }
    await at.bump({ ...tag, value: '2.0.0', 'source-commit': newer })
    expect(await at.bump({ ...tag, value: '1.5.0', 'source-commit': older })).toMatchObject({
      result: 'superseded',
    })
  })

  test('a second build of the same commit is not older', async () => {
    await using at = await world((a, b) => Promise.resolve(a === b))
    const place = { files: 'envs/prod/values.yaml', 'source-commit': newer }
    await at.bump({ ...place, image: image('2.0.0-1') })
    expect(await at.bump({ ...place, image: image('2.0.0-2') })).toMatchObject({ result: 'updated' })
  })

  test("a newer build replaces an older one, and a value that a person put back is nobody's", async () => {
    await using at = await world(history)
    const values = { files: 'envs/prod/values.yaml' }
    await at.bump({ ...values, image: image('1.5.0'), 'source-commit': older })
    expect(await at.bump({ ...values, image: image('2.0.0'), 'source-commit': newer })).toMatchObject({
      result: 'updated',
    })
    const text = await at.server.read('acme/config', 'main', values.files)
    await at.server.commit(
      'acme/config',
      'main',
      { [values.files]: text.replace('2.0.0', '0.9.0') },
      'back, by hand',
    )
    expect(await at.bump({ ...values, image: image('1.5.0'), 'source-commit': older })).toMatchObject({
      result: 'updated',
    })
  })
})

describe('refused, and nothing is pushed', () => {
  test.each<{ code: string; given: Record<string, string> }>`
    code                  | given
    ${'no-files'}         | ${{ files: 'nowhere/*.yaml' }}
    ${'file-missing'}     | ${{ files: 'nowhere.yaml' }}
    ${'no-match'}         | ${{ files: 'envs/**/*.yaml', image: 'reg.example/acme/other:1' }}
    ${'unexpected-count'} | ${{ expect: '2' }}
    ${'digest-not-held'}  | ${{ files: 'envs/prod/values.yaml', image: `reg.example/acme/shop:1.0.0@${B}` }}
    ${'no-branch'}        | ${{ branch: 'nowhere' }}
  `('$code', async ({ code, given }) => {
    await using at = await world()
    await expect(at.bump({ ...shop, ...given })).rejects.toMatchObject({
      name: 'UserError',
      code,
    })
    expect(await at.server.head('acme/config', 'main')).toBe(at.base)
  })
})

test('cancelled while the push is on its way says that its fate is unknown', async () => {
  await using at = await world()
  const controller = new AbortController()
  const act = () => setTimeout(() => controller.abort(new Error('cancel')), 200)
  at.server.fail({ match: 'info/refs?service=git-receive-pack', kind: 'meanwhile', act })
  at.server.fail({ match: /POST .*git-receive-pack/, kind: 'hang' })
  await expect(at.bump(shop, controller.signal)).rejects.toMatchObject({ remoteState: 'unknown' })
})
