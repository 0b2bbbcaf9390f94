import { describe, expect, test } from '@jest/globals'
import type { Outcome } from '@gitops-relay/action-kit'
import { recordingHost } from '@gitops-relay/testing'
import { createInputReader } from '../../../packages/action-kit/src/input-reader.ts'
import { gitHubWorld } from '../../../packages/config-repo/src/world-github.ts'
import { createCollaborators } from './collaborators.ts'
import { inputs, readInputs } from './inputs.ts'
import { bumpManifest } from './main.ts'

const repo = 'acme/config'
const file = 'envs/prod/kustomization.yaml'
const manifest = (tag: string, more = '') =>
  `images:\n  - name: reg.example/acme/shop\n    newTag: ${tag}\n${more}`
const shop = (tag: string) => ({ mode: 'pull-request', files: file, image: `reg.example/acme/shop:${tag}` })

async function world(options: Parameters<typeof gitHubWorld>[1] = {}) {
  const at = await gitHubWorld({ [file]: manifest('1.0.0'), 'README.md': 'hello\n' }, options)
  const run = { serverUrl: at.server.origin, apiUrl: at.api.url, graphqlUrl: `${at.api.url}/graphql` }
  const host = await recordingHost({ run })
  let count = 0
  return {
    ...at,
    host,
    /** Each in a host of its own, as runs of a workflow are. */
    async bump(given: Record<string, string>): Promise<Outcome> {
      await using own = await recordingHost({ run: { ...run, runId: String(++count) } })
      const values = { repository: repo, token: 't', ...given }
      const wanted = readInputs(createInputReader(inputs, values, own.workspace), own)
      const { signal } = new AbortController()
      const outcome = await bumpManifest(wanted, await createCollaborators(wanted, own, signal), signal)
      host.annotations.push(...own.annotations)
      return outcome
    },
    branch: () => at.pulls[0]?.head ?? '',
    read: (branch: string) => at.server.read(repo, branch, file),
    count: async (branch: string) =>
      Number(await at.server.git(repo, 'rev-list', '--count', `main..${branch}`)),
    async [Symbol.asyncDispose]() {
      await at[Symbol.asyncDispose]()
      await host[Symbol.asyncDispose]()
    },
  }
}

describe.each(['git', 'api'])('with transport %s', transport => {
  const wish = (tag: string, more: Record<string, string> = {}) => ({ ...shop(tag), transport, ...more })

  test('a pull request is opened, with one commit, and says what changes', async () => {
    await using at = await world()
    const { result, reason, outputs, summary } = await at.bump(wish('1.1.0'))
    expect({ result, reason }).toEqual({ result: 'pull-request', reason: '' })
    const [pull] = at.pulls
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
      commit: await at.server.head(repo, at.branch()),
      branch: at.branch(),
      'base-commit': at.base,
      'pull-request-number': 1,
      'pull-request-url': 'https://github.com/acme/config/pull/1',
      attempts: 1,
    })
    expect(summary).toContain('Pull request [1](https://github.com/acme/config/pull/1).')
    expect(await at.read('main')).toBe(manifest('1.0.0'))
    expect(await at.read(at.branch())).toBe(manifest('1.1.0'))
  })

  test('the same again pushes nothing and reports the same number', async () => {
    await using at = await world()
    const first = await at.bump(wish('1.1.0'))
    for (const _ of [1, 2, 3]) {
      const { result, outputs } = await at.bump(wish('1.1.0'))
      expect(result).toBe('pull-request')
      expect(outputs).toMatchObject({
        changed: false,
        commit: first.outputs['commit'],
        'pull-request-number': 1,
        attempts: 0,
      })
    }
    expect(at.pulls).toHaveLength(1)
    expect(at.asked.filter(({ route }) => route.startsWith('PATCH'))).toHaveLength(0)
    expect(await at.count(at.branch())).toBe(1)
  })

  test('another value updates it in place, on the newest base', async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    await at.server.commit(repo, 'main', { [file]: manifest('1.0.0', '# more\n') }, 'base moves')
    await at.bump(wish('1.2.0'))
    expect(at.pulls).toMatchObject([{ title: 'deploy(shop): acme/shop 1.0.0 → 1.2.0' }])
    expect(await at.read(at.branch())).toBe(manifest('1.2.0', '# more\n'))
    expect(await at.count(at.branch())).toBe(1)
  })

  test("a person's commit is kept, and ours goes on top of it, again and again", async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    const theirs = await at.server.commit(repo, at.branch(), { 'README.md': 'by hand\n' }, 'a hand')
    for (const tag of ['1.2.0', '1.3.0']) {
      await at.bump(wish(tag))
      expect(await at.read(at.branch())).toBe(manifest(tag))
      const log = await at.server.log(repo, at.branch())
      expect(log.map(({ sha }) => sha)).toContain(theirs)
    }
    expect(await at.count(at.branch())).toBe(4)
    expect(at.pulls).toHaveLength(1)
  })

  test('a push of a person between reading and writing is not lost', async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    const act = () => at.server.commit(repo, at.branch(), { 'README.md': 'by hand\n' }, 'a hand')
    if (transport === 'git')
      at.server.fail({ match: 'info/refs?service=git-receive-pack', kind: 'meanwhile', act })
    else at.api.fail({ match: 'graphql', kind: 'meanwhile', act })
    const { outputs } = await at.bump(wish('1.2.0'))
    expect(outputs['attempts']).toBe(2)
    expect(await at.server.read(repo, at.branch(), 'README.md')).toBe('by hand\n')
    expect(await at.read(at.branch())).toBe(manifest('1.2.0'))
  })

  test('it is closed when the base has the value already', async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    await at.server.commit(repo, 'main', { [file]: manifest('1.1.0') }, 'by hand')
    const { result, outputs, summary } = await at.bump(wish('1.1.0'))
    expect(result).toBe('unchanged')
    expect(outputs['commit']).toBe(await at.server.head(repo, 'main'))
    expect(summary).toContain('was closed')
    expect(at.pulls).toMatchObject([{ state: 'closed' }])
    expect((await at.bump(wish('1.1.0'))).result).toBe('unchanged')
    expect(at.pulls).toHaveLength(1)
  })

  test('after a merge that left its branch behind, a new one begins on the base', async () => {
    await using at = await world()
    await at.bump(wish('1.1.0'))
    at.pulls[0]!.state = 'closed' // oxlint-disable-line no-non-null-assertion
    await at.server.commit(repo, 'main', { [file]: manifest('1.1.0') }, 'squashed')
    await at.bump(wish('1.2.0'))
    expect(at.pulls).toMatchObject([{ state: 'closed' }, { state: 'open' }])
    expect(await at.count(at.branch())).toBe(1)
    expect(await at.read(at.branch())).toBe(manifest('1.2.0'))
  })

  test('no pull request for an empty diff, and no branch', async () => {
    await using at = await world()
    expect((await at.bump(wish('1.0.0'))).result).toBe('unchanged')
    expect(at.pulls).toEqual([])
    expect(await at.server.git(repo, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\n')
  })

  test('a dry run writes nothing', async () => {
    await using at = await world()
    expect((await at.bump(wish('1.1.0', { 'dry-run': 'true' }))).result).toBe('planned')
    expect(at.pulls).toEqual([])
    expect(await at.server.git(repo, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\n')
  })

  test('an answer that got lost on opening is looked up: one pull request', async () => {
    await using at = await world()
    at.api.fail({ match: /POST .*\/pulls$/, kind: 'drop-answer' })
    expect((await at.bump(wish('1.1.0'))).outputs['pull-request-number']).toBe(1)
    expect(at.pulls).toHaveLength(1)
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
  at.refuse('labels', at.said(403, 'Resource not accessible by integration'))
  expect((await at.bump({ ...shop('1.1.0'), ...more })).result).toBe('pull-request')
  expect(at.pulls).toMatchObject([
    { title: 'Ship it', head: 'ship/shop', draft: true, labels: [], reviewers: ['anna', 'ops'] },
  ])
  expect(at.pulls[0]?.body).toMatch(/^Please look\.\n\n/)
  expect(at.host.annotations).toMatchObject([
    { level: 'warning', text: expect.stringContaining('set labels') },
  ])
  await at.bump({ ...shop('1.1.0'), ...more })
  expect(at.pulls[0]?.labels).toEqual(['deploy', 'prod'])
  expect(at.asked.filter(({ route }) => route.endsWith('requested_reviewers'))).toHaveLength(1)
})

test('that the token of a run starts no workflows is said', async () => {
  await using at = await world({ login: 'github-actions[bot]' })
  await at.bump(shop('1.1.0'))
  expect(at.host.annotations).toMatchObject([
    { level: 'notice', text: expect.stringContaining('start no workflows') },
  ])
})

test('an older build that comes later leaves the pull request of a newer one alone', async () => {
  await using at = await world()
  const older = at.base
  const newer = await at.server.commit(repo, 'main', { 'README.md': 'newer\n' }, 'source moves')
  const source = (sha: string) => ({ 'source-repository': repo, 'source-commit': sha, 'source-token': 's' })
  await at.bump({ ...shop('1.2.0'), ...source(newer) })
  expect((await at.bump({ ...shop('1.1.0'), ...source(older) })).result).toBe('superseded')
  expect(await at.read(at.branch())).toBe(manifest('1.2.0'))
  expect((await at.bump({ ...shop('1.3.0'), ...source(newer) })).result).toBe('pull-request')
})

describe('auto-merge', () => {
  const queue = 'Changes must be made through the merge queue'
  test.each<{ what: string; state: string; refusals: [string, string][]; way: string; says: string }>`
    what                            | state        | refusals                                                                            | way                             | says
    ${'clean'}                      | ${'clean'}   | ${[]}                                                                               | ${'PUT'}                        | ${'It is merged.'}
    ${'checks are waited for'}      | ${'blocked'} | ${[]}                                                                               | ${'enablePullRequestAutoMerge'} | ${'as soon as checks'}
    ${'they passed meanwhile'}      | ${'blocked'} | ${[['enablePullRequestAutoMerge', 'Pull request Pull request is in clean status']]} | ${'PUT'}                        | ${'It is merged.'}
    ${'a queue'}                    | ${'clean'}   | ${[['merge', queue]]}                                                               | ${'enqueuePullRequest'}         | ${'merge queue'}
    ${'the base was modified once'} | ${'clean'}   | ${[['merge', 'Base branch was modified. Review and try the merge again.']]}         | ${'PUT'}                        | ${'It is merged.'}
    ${'a conflict'}                 | ${'dirty'}   | ${[]}                                                                               | ${'none'}                       | ${'conflicts'}
  `('$what: $way', async ({ state, refusals, way, says }) => {
    await using at = await world()
    await at.bump(shop('1.1.0'))
    at.pulls[0]!.mergeable_state = state // oxlint-disable-line no-non-null-assertion
    for (const [route, text] of refusals) {
      at.refuse(route, route === 'merge' ? at.said(405, text) : at.errors('UNPROCESSABLE', text))
    }
    const { result, summary } = await at.bump({ ...shop('1.1.0'), 'auto-merge': 'squash' })
    expect({ result, summary }).toEqual({ result: 'pull-request', summary: expect.stringContaining(says) })
    const ways = at.asked
      .map(({ route }) => route.replace(/^PUT .*/, 'PUT'))
      .filter(route => /^PUT$|PullRequest/.test(route))
    expect(ways.at(-1) ?? 'none').toBe(way)
  })

  test('a repository that does not allow it fails, with number and remedy', async () => {
    await using at = await world()
    await at.bump(shop('1.1.0'))
    at.pulls[0]!.mergeable_state = 'blocked' // oxlint-disable-line no-non-null-assertion
    at.refuse(
      'enablePullRequestAutoMerge',
      at.errors('UNPROCESSABLE', 'Auto merge is not allowed for this repository'),
    )
    const { result, outputs, failure } = await at.bump({ ...shop('1.1.0'), 'auto-merge': 'squash' })
    expect(result).toBe('failed')
    expect(outputs['pull-request-number']).toBe(1)
    expect(failure).toMatchObject({ code: 'auto-merge-refused', remedy: expect.stringContaining('settings') })
  })
})

test('where the token may not open pull requests, the commit is named all the same', async () => {
  await using at = await world()
  at.refuse(
    'POST /pulls',
    at.said(403, 'GitHub Actions is not permitted to create or approve pull requests.'),
  )
  const { result, outputs, failure } = await at.bump(shop('1.1.0'))
  expect({ result, failure }).toMatchObject({ result: 'failed', failure: { code: 'no-permission' } })
  expect(outputs['commit']).toBe(await at.server.head(repo, String(outputs['branch'])))
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
    expect(at.asked.map(({ route }) => route)).toContain('createCommitOnBranch')
  })

  test('one that is not is red, and the outputs name it', async () => {
    await using at = await world({ verified: false })
    const { result, outputs, failure } = await at.bump(wish)
    expect({ result, failure }).toMatchObject({ result: 'failed', failure: { code: 'not-verified' } })
    expect(outputs['commit']).toBe(await at.server.head(repo, 'main'))
  })
})
