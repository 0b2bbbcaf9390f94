import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import {
  findSecret,
  gitServer,
  runAction,
  watchArguments,
  type GitServer,
  type RunActionOptions,
} from '@gitops-relay/testing'
import { fixtures, readTree, STAGING } from '../e2e/shop.ts'

const TOKEN = 'ghs_canary/0123456789+abcdefXYZ'
const IMAGE = `registry.example/acme/shop:2.0.0@sha256:${'ab'.repeat(32)}`

async function open(options: Parameters<typeof gitServer>[0] = { token: TOKEN }) {
  const git = await gitServer(options)
  await git.createRepository('acme/shop-config', await readTree(join(fixtures, 'config', 'shop')))
  return git
}
const bump = (git: GitServer, inputs: Record<string, string> = {}, more: Partial<RunActionOptions> = {}) =>
  runAction({
    action: 'bump-manifest',
    inputs: {
      repository: 'acme/shop-config',
      branch: 'main',
      token: TOKEN,
      files: STAGING,
      image: IMAGE,
      match: 'shop',
      ...inputs,
    },
    ...more,
    env: { GITHUB_SERVER_URL: git.origin, ...more.env },
  })

test('an answer that was lost after the push landed: one commit, green', async () => {
  await using git = await open()
  git.fail({ match: 'git-receive-pack', kind: 'drop-answer' })
  await using run = await bump(git)
  expect([run.exitCode, run.outputs['result'], run.outputs['commit']]).toEqual([
    0,
    'updated',
    await git.head('acme/shop-config', 'main'),
  ])
  expect(await git.log('acme/shop-config', 'main')).toHaveLength(2)
}, 60_000)

test('a dry run shows the diff and pushes nothing', async () => {
  await using git = await open()
  await using run = await bump(git, { 'dry-run': 'true' })
  expect([run.exitCode, run.outputs['result'], run.outputs['commit']]).toEqual([0, 'planned', ''])
  expect(run.outputs['diff']).toContain('+      digest: sha256:abab')
  expect(await git.log('acme/shop-config', 'main')).toHaveLength(1)
}, 60_000)

describe('what a user can mend has one error, with its remedy', () => {
  test.each<{ inputs: Record<string, string>; code: string }>`
    inputs                                     | code
    ${{ file: 'x' }}                           | ${'unknown-input'}
    ${{ 'pull-request-labels': 'x' }}          | ${'contradiction'}
    ${{ repository: '' }}                      | ${'empty-input'}
    ${{ repository: 'acme/nothing' }}          | ${''}
    ${{ branch: 'no-such-branch' }}            | ${''}
    ${{ token: 'ghs_wrong-token-0123456789' }} | ${''}
    ${{ match: 'other' }}                      | ${''}
    ${{ image: 'Not A Reference' }}            | ${'bad-reference'}
  `(
    '$inputs',
    async ({ inputs, code }) => {
      await using git = await open()
      await using run = await bump(git, inputs)
      expect([run.exitCode, run.outputs['result']]).toEqual([1, 'failed'])
      expect(run.outputs['reason']).toMatch(
        code === '' ? /^[a-z]+(?:-[a-z]+)*: \S/ : new RegExp(`^${code}: `),
      )
      expect(run.outputs['reason']).not.toMatch(/^bug:/)
      expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(1)
      expect(await git.log('acme/shop-config', 'main')).toHaveLength(1)
    },
    60_000,
  )
})

test('a secret is found nowhere, whether the step is green or red', async () => {
  await using watch = await watchArguments(TOKEN)
  for (const inputs of [{}, { match: 'other' }, { branch: 'nothing' }, { repository: 'acme/nothing' }]) {
    await using git = await open()
    await using run = await bump(git, inputs)
    const { log, outputs, summary, state, env, directories } = run
    const texts = { log, outputs, summary, state, env, reason: outputs['reason'] }
    const hits = await findSecret(TOKEN, {
      texts,
      directories: [directories.temp, directories.home, directories.workspace, git.root],
    })
    expect(hits).toEqual([])
    expect(run.orphans).toEqual([])
  }
  expect(watch.arguments).toEqual([])
}, 60_000)

const file = (tag: string) => `images:\n  - name: shop # the one\n    newTag: ${tag}\n`

test('twenty at once on one branch all land, one after the other, and nothing is lost', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `app-${index}`)
  await using git = await gitServer()
  await git.createRepository(
    'acme/shop-config',
    Object.fromEntries(names.map(name => [`${name}/kustomization.yaml`, file('1.0.0')])),
  )
  const runs = await Promise.all(
    names.map(name =>
      bump(
        git,
        {
          files: `${name}/kustomization.yaml`,
          image: '',
          match: '',
          path: 'images[0].newTag',
          value: '2.0.0',
          timeout: '4m',
        },
        { timeout: 280_000 },
      ),
    ),
  )
  expect(runs.map(run => run.outputs['result'])).toEqual(names.map(() => 'updated'))
  const log = await git.log('acme/shop-config', 'main')
  expect(log).toHaveLength(21)
  expect(log.filter(({ parents }) => parents.length > 1)).toEqual([])
  expect(new Set(log.map(({ sha }) => sha))).toEqual(
    new Set([...runs.map(run => run.outputs['commit']), log.at(-1)?.sha]),
  )
  for (const name of names)
    expect(await git.read('acme/shop-config', 'main', `${name}/kustomization.yaml`)).toBe(file('2.0.0'))
  await Promise.all(runs.map(run => run[Symbol.asyncDispose]()))
}, 300_000)

test('cancelled at any moment, it leaves no process, and says truly whether it landed', async () => {
  for (let moment = 0; moment < 20; moment++) {
    await using git = await open()
    await using run = await bump(git, {}, { cancelAfter: randomInt(20, 900) })
    const landed = (await git.log('acme/shop-config', 'main')).length === 2
    expect(run.orphans).toEqual([])
    if (run.exitCode === 0) expect(landed).toBe(true)
    // Before it could listen to signals, it had not begun.
    else if (run.signal === 'SIGINT') expect(landed).toBe(false)
    else {
      expect(run.exitCode).toBe(130)
      const [, state] = /remote state: (landed|not landed|unknown)\.$/.exec(run.outputs['reason'] ?? '') ?? []
      expect(['unknown', landed ? 'landed' : 'not landed']).toContain(state)
    }
  }
}, 120_000)
