import { describe, expect, test } from '@jest/globals'
import type { Outcome } from '@gitops-relay/action-kit'
import {
  githubServer,
  recordingHost,
  type Fault,
  type RepositorySettings,
  type TokenRights,
} from '@gitops-relay/testing'
import { inLane } from '../../../test/lane.ts'
import { createInputReader } from '../../../packages/action-kit/src/input-reader.ts'
import { createCollaborators } from './collaborators.ts'
import { inputs, readInputs } from './inputs.ts'
import { bumpManifest } from './main.ts'

const repo = 'acme/config'
const file = 'envs/prod/kustomization.yaml'
const manifest = (tag: string, more = '') =>
  `images:\n  - name: reg.example/acme/shop\n    newTag: ${tag}\n${more}`
const shop = (tag: string) => ({ mode: 'pull-request', files: file, image: `reg.example/acme/shop:${tag}` })

/** A GitHub, whose every request and answer is held against GitHub's own description, and runs of the action at it. */
async function world({ rights = {}, ...settings }: RepositorySettings & { rights?: TokenRights } = {}) {
  // A thousand runs ask more than GitHub allows in an hour.
  const requestLimit = inLane(5000, 50_000)
  const server = await githubServer({ tokens: { t: { login: 'app[bot]', ...rights } }, requestLimit })
  const base = await server.createRepository(
    repo,
    { [file]: manifest('1.0.0'), 'README.md': 'hello\n' },
    settings,
  )
  const { git, url: apiUrl, graphqlUrl, gitOrigin: serverUrl } = server
  const annotations: { level: string; text: string }[] = []
  let count = 0
  const pulls = () => server.pulls(repo)
  const branch = () => pulls()[0]?.head ?? ''
  return {
    server,
    git,
    base,
    annotations,
    pulls,
    branch,
    /** Each in a host of its own, as runs of a workflow are. */
    async bump(given: Record<string, string>): Promise<Outcome> {
      await using host = await recordingHost({
        run: { serverUrl, apiUrl, graphqlUrl, runId: String(++count) },
      })
      const values = { repository: repo, token: 't', 'source-token': '', ...given }
      const wanted = readInputs(createInputReader(inputs, values, host.workspace), host)
      const { signal } = new AbortController()
      const outcome = await bumpManifest(wanted, await createCollaborators(wanted, host, signal), signal)
      annotations.push(...host.annotations)
      return outcome
    },
    read: (revision: string, path = file) => git.read(repo, revision, path),
    commit: (to: string, path: string, text: string) => server.commit(repo, to, { [path]: text }, 'by hand'),
    count: async (of: string) => Number(await git.git(repo, 'rev-list', '--count', `main..${of}`)),
    branches: () => git.git(repo, 'for-each-ref', '--format=%(refname)'),
    asked: (pattern: RegExp) =>
      server.requests.filter(({ method, path }) => pattern.test(`${method} ${path}`)),
    async close() {
      const headers = { authorization: 'token t', 'user-agent': 'a hand', 'content-type': 'application/json' }
      const body = JSON.stringify({ state: 'closed' })
      await fetch(`${apiUrl}/repos/${repo}/pulls/1`, { method: 'PATCH', headers, body })
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const says = (status: number, body: unknown) => ({
  kind: 'status' as const,
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

describe.each(inLane(['git'], ['git', 'api']))('with transport %s', transport => {
  const wish = (tag: string, more: Record<string, string> = {}) => ({ ...shop(tag), transport, ...more })

  test('a pull request is opened, with one commit, and says what changes', async () => {
    await using at = await world()
    const { result, reason, outputs, summary } = await at.bump(wish('1.1.0'))
    expect({ result, reason }).toEqual({ result: 'pull-request', reason: '' })
    const [pull] = at.pulls()
    expect(pull).toMatchObject({
      base: 'main',
      title: 'deploy(shop): acme/shop 1.0.0 → 1.1.0',
      draft: false,
      state: 'open',
    })
    expect(pull?.head).toMatch(/^gitops-relay\/shop-[\da-f]{8}$/)
    expect(pull?.body).toContain('| <code>1.0.0</code> | <code>1.1.0</code> |')
    expect(pull?.body).toContain('+    newTag: 1.1.0')
    expect(outputs).toMatchObject({
      changed: true,
      commit: await at.git.head(repo, at.branch()),
      branch: at.branch(),
      'base-commit': at.base,
      'pull-request-number': 1,
      'pull-request-url': `${at.server.gitOrigin}/acme/config/pull/1`,
      attempts: 1,
    })
    expect(summary).toContain('Pull request [1](')
    expect(await at.read('main')).toBe(manifest('1.0.0'))
    expect(await at.read(at.branch())).toBe(manifest('1.1.0'))
  })

  test('the same again pushes nothing and reports the same number', async () => {
    await using at = await world()
    const first = await at.bump(wish('1.1.0'))
    for (let run = 0; run < inLane(3, 1000); run++) {
      const { result, outputs } = await at.bump(wish('1.1.0'))
      expect(result).toBe('pull-request')
      expect(outputs).toMatchObject({
        changed: false,
        commit: first.outputs['commit'],
        'pull-request-number': 1,
        attempts: 0,
      })
    }
    expect(at.pulls()).toHaveLength(1)
    expect(at.asked(/^PATCH|comments/)).toHaveLength(0)
    expect(await at.count(at.branch())).toBe(1)
  }, 900_000)

  test('another value updates it in place, on the newest base', async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    await at.commit('main', file, manifest('1.0.0', '# more\n'))
    await at.bump(wish('1.2.0'))
    expect(at.pulls()).toMatchObject([{ title: 'deploy(shop): acme/shop 1.0.0 → 1.2.0' }])
    expect(await at.read(at.branch())).toBe(manifest('1.2.0', '# more\n'))
    expect(await at.count(at.branch())).toBe(1)
  })

  test("a person's commit is kept, and ours goes on top of it, again and again", async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    const theirs = await at.commit(at.branch(), 'README.md', 'by hand\n')
    for (const tag of ['1.2.0', '1.3.0']) {
      await at.bump(wish(tag))
      expect(await at.read(at.branch())).toBe(manifest(tag))
      const log = await at.git.log(repo, at.branch())
      expect(log.map(({ sha }) => sha)).toContain(theirs)
    }
    expect(await at.count(at.branch())).toBe(4)
    expect(at.pulls()).toHaveLength(1)
  })

  test('a push of a person between reading and writing is not lost', async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    const act = () => at.commit(at.branch(), 'README.md', 'by hand\n')
    if (transport === 'git')
      at.git.fail({ match: 'info/refs?service=git-receive-pack', kind: 'meanwhile', act })
    else at.server.fail({ match: 'graphql', kind: 'meanwhile', act })
    const { outputs } = await at.bump(wish('1.2.0'))
    // Git sees it before it sends anything.
    expect(outputs['attempts']).toBe(transport === 'git' ? 1 : 2)
    expect(await at.read(at.branch(), 'README.md')).toBe('by hand\n')
    expect(await at.read(at.branch())).toBe(manifest('1.2.0'))
  })

  test('runs at once share one pull request, and one value stands in it', async () => {
    await using at = await world()
    await Promise.all(['1.1.0', '1.2.0', '1.3.0'].map(tag => at.bump(wish(tag))))
    expect(at.pulls()).toHaveLength(1)
    const text = await at.read(at.branch())
    expect([manifest('1.1.0'), manifest('1.2.0'), manifest('1.3.0')]).toContain(text)
    expect(at.pulls()[0]?.title).toBeDefined()
  }, 60_000)

  test('it is closed when the base has the value already', async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    await at.commit('main', file, manifest('1.1.0'))
    const { result, outputs, summary } = await at.bump(wish('1.1.0'))
    expect(result).toBe('unchanged')
    expect(outputs['commit']).toBe(await at.git.head(repo, 'main'))
    expect(summary).toContain('was closed')
    expect(at.pulls()).toMatchObject([{ state: 'closed' }])
    expect((await at.bump(wish('1.1.0'))).result).toBe('unchanged')
    expect(at.pulls()).toHaveLength(1)
  })

  test('after a merge that left its branch behind, a new one begins on the base', async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    await at.close()
    await at.commit('main', file, manifest('1.1.0'))
    await at.bump(wish('1.2.0'))
    expect(at.pulls()).toMatchObject([{ state: 'closed' }, { state: 'open' }])
    expect(await at.count(at.branch())).toBe(1)
    expect(await at.read(at.branch())).toBe(manifest('1.2.0'))
  })

  test('no pull request for an empty diff, and no branch', async () => {
    await using at = await world()
    expect((await at.bump(wish('1.0.0'))).result).toBe('unchanged')
    expect(at.pulls()).toEqual([])
    expect(await at.branches()).toBe('refs/heads/main\n')
  })

  test('a dry run writes nothing', async () => {
    await using at = await world()
    expect((await at.bump(wish('1.1.0', { 'dry-run': 'true' }))).result).toBe('planned')
    expect(at.pulls()).toEqual([])
    expect(await at.branches()).toBe('refs/heads/main\n')
  })

  test('an answer that got lost on opening is looked up: one pull request', async () => {
    await using at = await world()
    at.server.fail({ match: /POST .*\/pulls$/, kind: 'drop-answer' })
    expect((await at.bump(wish('1.1.0'))).outputs['pull-request-number']).toBe(1)
    expect(at.pulls()).toHaveLength(1)
  })
})

test('labels, reviewers, title, text, branch and draft are as wished; what fails of the first two only warns', async () => {
  await using at = await world()
  const more = {
    'pull-request-title': 'Ship it',
    'pull-request-body': 'Please look.',
    'pull-request-labels': 'deploy\nprod',
    'pull-request-reviewers': 'anna, @acme/ops',
    'pull-request-branch': 'ship/shop',
    'pull-request-draft': 'true',
  }
  at.server.fail({ match: 'labels', ...says(403, { message: 'Resource not accessible by integration' }) })
  expect((await at.bump({ ...shop('1.1.0'), ...more })).result).toBe('pull-request')
  expect(at.pulls()).toMatchObject([
    { title: 'Ship it', head: 'ship/shop', draft: true, labels: [], reviewers: ['anna'], teams: ['ops'] },
  ])
  expect(at.pulls()[0]?.body).toMatch(/^Please look\.\n\n/)
  expect(at.annotations).toMatchObject([{ level: 'warning', text: expect.stringContaining('set labels') }])
  await at.bump({ ...shop('1.1.0'), ...more })
  expect(at.pulls()[0]?.labels).toEqual(['deploy', 'prod'])
  expect(at.asked(/requested_reviewers$/)).toHaveLength(1)
})

test('that the token of a run starts no workflows is said', async () => {
  await using at = await world({ rights: { login: 'github-actions[bot]' } })
  await at.bump(shop('1.1.0'))
  expect(at.annotations).toMatchObject([
    { level: 'notice', text: expect.stringContaining('start no workflows') },
  ])
})

const source = (sha: string) => ({ 'source-repository': repo, 'source-commit': sha, 'source-token': 't' })

test('an older build that comes later leaves the pull request of a newer one alone', async () => {
  await using at = await world()
  const older = at.base
  const newer = await at.commit('main', 'README.md', 'newer\n')
  await at.bump({ ...shop('1.2.0'), ...source(newer) })
  expect((await at.bump({ ...shop('1.1.0'), ...source(older) })).result).toBe('superseded')
  expect(await at.read(at.branch())).toBe(manifest('1.2.0'))
  expect((await at.bump({ ...shop('1.3.0'), ...source(newer) })).result).toBe('pull-request')
})

describe('auto-merge', () => {
  const wish = { ...shop('1.1.0'), 'auto-merge': 'squash' }
  const clean = {
    data: { enablePullRequestAutoMerge: null },
    errors: [{ type: 'UNPROCESSABLE', message: 'Pull request Pull request is in clean status' }],
  }

  test('merges at once where nothing stands against it', async () => {
    await using at = await world()
    const { result, summary } = await at.bump(wish)
    expect({ result, summary }).toEqual({
      result: 'pull-request',
      summary: expect.stringContaining('It is merged.'),
    })
    expect(await at.read('main')).toBe(manifest('1.1.0'))
  })

  test('waits until GitHub knows', async () => {
    await using at = await world()
    at.server.undecided(repo, 2)
    expect((await at.bump(wish)).summary).toContain('It is merged.')
  })

  test('is armed where checks are waited for', async () => {
    await using at = await world({ allow_auto_merge: true })
    at.server.protect(repo, 'main', { pullRequest: true, checks: ['ci'] })
    expect((await at.bump(wish)).summary).toContain('as soon as checks and reviews allow')
    expect(at.pulls()).toMatchObject([{ state: 'open', autoMerge: { method: 'squash' } }])
    expect((await at.bump(wish)).result).toBe('pull-request')
  })

  test('merges by itself where they passed meanwhile', async () => {
    await using at = await world({ allow_auto_merge: true })
    at.server.undecided(repo, 0)
    at.server.fail({
      match: /PUT .*merge$/,
      ...says(405, { message: 'Required status check "ci" is expected.' }),
    })
    at.server.fail({ match: 'graphql', ...says(200, clean) })
    expect((await at.bump(wish)).summary).toContain('It is merged.')
  })

  test('goes to the queue where there is one', async () => {
    await using at = await world()
    at.server.protect(repo, 'main', { mergeQueue: true })
    expect((await at.bump(wish)).summary).toContain('merge queue')
    await at.server.runMergeQueue(repo)
    expect(await at.read('main')).toBe(manifest('1.1.0'))
  })

  test.each([405, 502])('tries again after %d when the base was modified', async status => {
    await using at = await world()
    const message = 'Base branch was modified. Review and try the merge again.'
    at.server.fail({ match: /PUT .*merge$/, ...says(status, { message }) })
    expect((await at.bump(wish)).summary).toContain('It is merged.')
  })

  test('an answer that got lost is looked up', async () => {
    await using at = await world()
    at.server.fail({ match: /PUT .*merge$/, kind: 'drop-answer' })
    expect((await at.bump(wish)).summary).toContain('It is merged.')
  })

  test('says where it conflicts', async () => {
    await using at = await world()
    await at.bump(shop('1.1.0'))
    await at.commit(at.branch(), 'README.md', 'theirs\n')
    await at.commit('main', 'README.md', 'ours\n')
    expect((await at.bump(wish)).summary).toContain('It conflicts')
    expect(at.annotations).toMatchObject([{ level: 'warning', text: expect.stringContaining('conflicts') }])
  })

  test('fails with number and remedy where the repository does not allow it', async () => {
    await using at = await world({ allow_auto_merge: false })
    at.server.protect(repo, 'main', { pullRequest: true, checks: ['ci'] })
    const { result, outputs, failure } = await at.bump(wish)
    expect(result).toBe('failed')
    expect(outputs['pull-request-number']).toBe(1)
    expect(failure).toMatchObject({ code: 'auto-merge-refused', remedy: expect.stringContaining('settings') })
  })
})

test('where the token may not open pull requests, the commit is named all the same', async () => {
  await using at = await world({ rights: { opensPullRequests: false } })
  const { result, outputs, failure } = await at.bump(shop('1.1.0'))
  expect({ result, failure }).toMatchObject({ result: 'failed', failure: { code: 'no-permission' } })
  expect(outputs['commit']).toBe(await at.git.head(repo, String(outputs['branch'])))
})

test('where GitHub does not answer any more, that is an error that a person understands', async () => {
  await using at = await world()
  at.server.fail({ match: /(?:POST|PATCH) .*pulls/, kind: 'reset', times: 99 })
  const { result, outputs, failure } = await at.bump(shop('1.1.0'))
  expect({ result, failure }).toMatchObject({ result: 'failed', failure: { code: 'unreachable' } })
  expect(outputs['commit']).toBe(await at.git.head(repo, String(outputs['branch'])))
})

describe('verified commits', () => {
  const wish = { ...shop('1.1.0'), mode: 'push', 'require-verified': 'true' }

  test('auto takes the API, and GitHub says so', async () => {
    await using at = await world()
    const { result, summary } = await at.bump(wish)
    expect({ result, summary }).toEqual({
      result: 'updated',
      summary: expect.stringContaining('calls the commit verified'),
    })
    expect(at.asked(/graphql/)).toHaveLength(1)
  })

  test('one that is not is red, and the outputs name it', async () => {
    await using at = await world()
    const { result, outputs, failure } = await at.bump({ ...wish, transport: 'git' })
    expect({ result, failure }).toMatchObject({ result: 'failed', failure: { code: 'not-verified' } })
    expect(outputs['commit']).toBe(await at.git.head(repo, 'main'))
  })
})

describe('a fault at any request of the API leaves one pull request with one commit', () => {
  const requests = [
    /git.ref/,
    /git.trees/,
    /git.blobs/,
    /POST .*git.refs/,
    /graphql/,
    /GET .*pulls/,
    /POST .*pulls/,
  ]
  test.each<{ match: RegExp; kind: Fault['kind']; status?: number }>(
    requests.flatMap(match =>
      inLane<Fault['kind'][]>(['drop-answer'], ['status', 'drop-answer']).map(kind => ({ match, kind })),
    ),
  )('$kind at $match', async fault => {
    await using at = await world()
    at.server.fail({ ...fault, status: 502 })
    await at.bump({ ...shop('1.1.0'), transport: 'api' }).catch(() => undefined)
    expect((await at.bump({ ...shop('1.1.0'), transport: 'api' })).result).toBe('pull-request')
    expect(at.pulls()).toHaveLength(1)
    expect(await at.count(at.branch())).toBe(1)
    expect(await at.read(at.branch())).toBe(manifest('1.1.0'))
  })
})
