// bump-manifest dies at every step and at random moments: the branch has all of the change or none, and the next run ends it.
import { randomInt } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import {
  githubServer,
  gitServer,
  runAction,
  type ActionRun,
  type Fault,
  type GitServer,
  type RunActionOptions,
} from '@gitops-relay/testing'
import { inLane } from '../lane.ts'

const repo = 'acme/config'
const file = 'envs/staging/kustomization.yaml'
const text = (tag: string) => `images:\n  - name: shop # ours\n    newTag: ${tag}\n`
const files = { [file]: text('1.0.0'), 'envs/prod/kustomization.yaml': text('1.0.0') }
const TOKEN = 'ghs_token'
const LONG = 600_000
type Options = Partial<RunActionOptions>

const bump = (options: Options & { env: NonNullable<Options['env']> }) =>
  runAction({
    action: 'bump-manifest',
    ...options,
    inputs: { repository: repo, token: TOKEN, files: file, image: 'shop:2.0.0', ...options.inputs },
  })

/** What never may be, whatever became of the run. */
async function expectWhole(git: GitServer, run: ActionRun, branches: RegExp) {
  expect(run.orphans).toEqual([])
  expect(await git.git(repo, 'fsck', '--strict', '--no-dangling')).toBe('')
  const refs = await git.git(repo, 'for-each-ref', '--format=%(refname)')
  for (const ref of refs.trim().split('\n')) expect(ref).toMatch(branches)
}

const steps: [name: string, fault: Pick<Fault, 'match' | 'after'>][] = [
  ...['tip', 'commits', 'root', 'directory', 'file'].map(
    (name, after): [string, Pick<Fault, 'match' | 'after'>] => [
      name,
      { match: /POST .*git-upload-pack/, after },
    ],
  ),
  ['offer', { match: /GET .*git-receive-pack/ }],
  ['push', { match: /POST .*git-receive-pack/ }],
]

async function pushed(options: Options, prepare: (git: GitServer) => void) {
  await using git = await gitServer({ token: TOKEN })
  await git.createRepository(repo, files)
  prepare(git)
  const env = { GITHUB_SERVER_URL: git.origin }
  await using run = await bump({ ...options, env })
  await expectWhole(git, run, /^refs\/heads\/main$/)
  const isThere = (await git.log(repo, 'main')).length === 2
  const { reason = '', result } = run.outputs
  if (run.exitCode === 0) expect([result, isThere]).toEqual(['updated', true])
  if (/remote state: landed/.test(reason)) expect(isThere).toBe(true)
  if (/remote state: not landed/.test(reason)) expect(isThere).toBe(false)
  await using next = await bump({ env })
  expect([next.exitCode, next.outputs['result']]).toEqual([0, isThere ? 'unchanged' : 'updated'])
  expect(await git.read(repo, 'main', file)).toBe(text('2.0.0'))
  expect(await git.log(repo, 'main')).toHaveLength(2)
  return run
}

describe.each(['SIGKILL', 'SIGINT'] as const)('%s', signal => {
  const by: Options = signal === 'SIGKILL' ? { cancelBy: signal } : {}

  test.each(inLane(steps.slice(-2), steps))(
    'at the request of the %s',
    async (_, fault) => {
      const now = new AbortController()
      let hits = 0
      const act = () => {
        hits++
        now.abort()
      }
      const run = await pushed({ ...by, cancelAfter: now.signal }, git =>
        git.fail({ ...fault, kind: 'meanwhile', act }),
      )
      expect(hits).toBe(1)
      expect(run.exitCode).not.toBe(0)
    },
    60_000,
  )
})

const moments = inLane(8, 200)
test(
  `killed at ${moments} moments`,
  async () => {
    for (let count = 0; count < moments; count++) {
      await pushed({ cancelBy: 'SIGKILL', cancelAfter: randomInt(20, 500) }, () => {})
    }
  },
  LONG,
)

const pulls = inLane(4, 60)
test(
  `killed at ${pulls} moments on the way to a pull request`,
  async () => {
    for (let count = 0; count < pulls; count++) {
      await using server = await githubServer({ tokens: { [TOKEN]: { login: 'app[bot]' } } })
      const base = await server.createRepository(repo, files)
      const inputs = { mode: 'pull-request', transport: count % 2 === 0 ? 'git' : 'api' }
      const env = server.environment
      await using run = await bump({ inputs, env, cancelBy: 'SIGKILL', cancelAfter: randomInt(50, 900) })
      await expectWhole(server.git, run, /^refs\/heads\/(main|gitops-relay\/shop-[\da-f]{8})$/)
      await using next = await bump({ inputs, env })
      expect([next.exitCode, next.outputs['result']]).toEqual([0, 'pull-request'])
      const [pull, ...more] = server.pulls(repo)
      expect([pull?.state, more]).toEqual(['open', []])
      expect(await server.git.read(repo, pull?.head ?? '', file)).toBe(text('2.0.0'))
      expect(await server.git.git(repo, 'rev-list', '--count', `${base}..${pull?.head}`)).toBe('1\n')
      expect(await server.git.head(repo, 'main')).toBe(base)
    }
  },
  LONG,
)
