// The life of a pull request, with rules and rights.
import { describe, expect, test } from '@jest/globals'
import { git } from '../git/git.ts'
import { caller } from './caller.test-double.ts'
import { githubServer } from './github-server.ts'
import type { BranchRules, RepositorySettings, TokenRights } from './state.ts'

const at = '/repos/acme/config'

/** A repository whose branch `bump` is one commit before `main`. */
async function bumped({
  rights = {},
  settings = {},
  rules,
}: { rights?: TokenRights; settings?: RepositorySettings; rules?: BranchRules } = {}) {
  const server = await githubServer({ tokens: { app: rights } })
  const first = await server.createRepository('acme/config', { 'app.yaml': 'tag: "1"\n' }, settings)
  await server.git.git('acme/config', 'branch', 'bump', 'main')
  const head = await server.commit('acme/config', 'bump', { 'app.yaml': 'tag: "2"\n' }, 'Bump to 2')
  if (rules !== undefined) server.protect('acme/config', 'main', rules)
  const { rest, graphql } = caller(server, 'app')
  return {
    server,
    first,
    head,
    rest,
    open: (more = {}) => rest('POST', `${at}/pulls`, { title: 'Bump', head: 'bump', base: 'main', ...more }),
    mutate: (name: string, input: object, selection = 'clientMutationId') => {
      const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
      return graphql(`mutation($input: ${type}!) { ${name}(input: $input) { ${selection} } }`, { input })
    },
  }
}

describe('a pull request', () => {
  test('is opened once, found by its branch, changed in place, and closed', async () => {
    const { server, head, rest, open } = await bumped()
    await using _ = server
    expect(await open({ body: 'old → new' })).toMatchObject({
      status: 201,
      body: { number: 1, head: { sha: head }, changed_files: 1, additions: 1, mergeable_state: 'clean' },
    })
    expect(await open()).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'A pull request already exists for acme:bump.' }] },
    })
    const found = await rest('GET', `${at}/pulls?head=acme:bump&base=main&state=open`)
    expect(found.body).toHaveLength(1)
    await rest('PATCH', `${at}/pulls/1`, { title: 'Bump again' })
    await rest('POST', `${at}/issues/1/labels`, { labels: ['a', 'b'] })
    await rest('POST', `${at}/issues/1/labels`, { labels: ['b'] })
    await rest('POST', `${at}/pulls/1/requested_reviewers`, {
      reviewers: ['octocat'],
      team_reviewers: ['ops'],
    })
    await rest('POST', `${at}/issues/1/comments`, { body: 'Hello' })
    expect(server.pulls('acme/config')).toMatchObject([
      { title: 'Bump again', labels: ['a', 'b'], reviewers: ['octocat'], teams: ['ops'] },
    ])
    expect(server.comments('acme/config')).toMatchObject([{ body: 'Hello' }])
    expect((await rest('GET', `${at}/pulls/1/files`)).body).toMatchObject([
      { filename: 'app.yaml', status: 'modified', patch: '@@ -1 +1 @@\n-tag: "1"\n+tag: "2"' },
    ])
    expect((await rest('PATCH', `${at}/pulls/1`, { state: 'closed' })).body.state).toBe('closed')
    expect((await rest('GET', `${at}/pulls`)).body).toEqual([])
  })

  test('is not in a list that lags, and is not opened twice for that', async () => {
    const { server, rest, open } = await bumped()
    await using _ = server
    server.lagPulls('acme/config')
    await open()
    const listed = async () => (await rest('GET', `${at}/pulls`)).body.length
    expect([await listed(), (await open()).status, await listed()]).toEqual([0, 422, 1])
  })

  test('of nothing is refused', async () => {
    const { server, open } = await bumped()
    await using _ = server
    await server.git.git('acme/config', 'branch', '-f', 'bump', 'main')
    expect((await open()).body.errors).toMatchObject([{ message: 'No commits between main and bump' }])
  })

  test('follows its branch, and knows a conflict', async () => {
    const { server, rest, open } = await bumped()
    await using _ = server
    await open()
    const newer = await server.commit('acme/config', 'bump', { 'app.yaml': 'tag: "3"\n' }, 'Bump to 3')
    await server.commit('acme/config', 'main', { 'app.yaml': 'tag: "9"\n' }, 'Somebody else')
    expect((await rest('GET', `${at}/pulls/1`)).body).toMatchObject({
      head: { sha: newer },
      commits: 2,
      mergeable: false,
      mergeable_state: 'dirty',
    })
    expect(await rest('PUT', `${at}/pulls/1/merge`, {})).toMatchObject({
      status: 405,
      body: { message: 'Pull Request is not mergeable' },
    })
  })

  test('needs some reads until it is known whether it can be merged', async () => {
    const { server, rest, open } = await bumped()
    await using _ = server
    server.undecided('acme/config', 2)
    await open()
    const read = async () => (await rest('GET', `${at}/pulls/1`)).body.mergeable_state
    expect([await read(), await read()]).toEqual(['unknown', 'clean'])
  })

  test.each<{ method: string; parents: number; headline: string }>([
    { method: 'merge', parents: 2, headline: 'Merge pull request #1 from acme/bump' },
    { method: 'squash', parents: 1, headline: 'Bump (#1)' },
    { method: 'rebase', parents: 1, headline: 'Bump to 2' },
  ])('is merged by $method beside other work', async ({ method, parents, headline }) => {
    const { server, head, rest, open } = await bumped()
    await using _ = server
    await open()
    await server.commit('acme/config', 'main', { 'other.yaml': 'x\n' }, 'Somebody else')
    const merged = await rest('PUT', `${at}/pulls/1/merge`, { sha: head, merge_method: method })
    expect(merged).toMatchObject({ status: 200, body: { merged: true } })
    const [newest] = await server.git.log('acme/config', 'main')
    expect(newest).toMatchObject({ sha: merged.body.sha, message: expect.stringContaining(headline) })
    expect(newest?.parents).toHaveLength(parents)
    expect(await server.git.read('acme/config', 'main', 'app.yaml')).toBe('tag: "2"\n')
    expect(await server.git.read('acme/config', 'main', 'other.yaml')).toBe('x\n')
    expect((await rest('GET', `${at}/pulls/1`)).body).toMatchObject({ merged: true, state: 'closed' })
  })

  test('is not merged at another head than the one that is meant', async () => {
    const { server, head, rest, open } = await bumped()
    await using _ = server
    await open()
    await server.commit('acme/config', 'bump', { x: '1' }, 'A person’s')
    expect(await rest('PUT', `${at}/pulls/1/merge`, { sha: head })).toMatchObject({ status: 409 })
  })
})

describe('auto-merge', () => {
  const rules = { checks: ['ci'] }

  test('waits for the checks, and merges by itself', async () => {
    const { server, head, rest, open, mutate } = await bumped({ settings: { allow_auto_merge: true }, rules })
    await using _ = server
    const { body } = await open()
    expect(body.mergeable_state).toBe('blocked')
    expect(await rest('PUT', `${at}/pulls/1/merge`, {})).toMatchObject({
      status: 405,
      body: { message: 'Repository rule violations found\n\nRequired status check "ci" is expected.\n\n' },
    })
    const armed = await mutate('enablePullRequestAutoMerge', {
      pullRequestId: body.node_id,
      mergeMethod: 'SQUASH',
      expectedHeadOid: head,
    })
    expect(armed.errors).toBeUndefined()
    await rest('POST', `${at}/statuses/${head}`, { state: 'pending', context: 'ci' })
    expect(server.pulls('acme/config')).toMatchObject([{ state: 'open', autoMerge: { method: 'squash' } }])
    await rest('POST', `${at}/check-runs`, { name: 'other', head_sha: head, conclusion: 'success' })
    await rest('POST', `${at}/statuses/${head}`, { state: 'success', context: 'ci' })
    expect(server.pulls('acme/config')).toMatchObject([{ state: 'closed', merged: {} }])
    expect(await server.git.read('acme/config', 'main', 'app.yaml')).toBe('tag: "2"\n')
  })

  test.each<{ settings: RepositorySettings; rules: BranchRules; says: string }>([
    { settings: {}, rules: { checks: ['ci'] }, says: 'Auto merge is not allowed for this repository' },
    { settings: { allow_auto_merge: true }, rules: {}, says: 'Pull request Pull request is in clean status' },
  ])('is refused: $says', async ({ says, ...options }) => {
    const { server, open, mutate } = await bumped(options)
    await using _ = server
    const { body } = await open()
    const { errors } = await mutate('enablePullRequestAutoMerge', { pullRequestId: body.node_id })
    expect(errors).toMatchObject([{ type: 'UNPROCESSABLE', message: says }])
  })

  test('gives way to the merge queue where there is one', async () => {
    const { server, rest, open, mutate } = await bumped({ rules: { mergeQueue: true } })
    await using _ = server
    const { body } = await open()
    const direct = await rest('PUT', `${at}/pulls/1/merge`, {})
    expect(direct.body.message).toContain('Changes must be made through the merge queue')
    const queued = await mutate(
      'enqueuePullRequest',
      { pullRequestId: body.node_id },
      'mergeQueueEntry { position }',
    )
    expect(queued.data?.enqueuePullRequest).toEqual({ mergeQueueEntry: { position: 1 } })
    await server.runMergeQueue('acme/config')
    expect(server.pulls('acme/config')).toMatchObject([{ merged: { by: 'github-merge-queue[bot]' } }])
  })

  test('leaves a draft alone until it is ready', async () => {
    const { server, rest, open, mutate } = await bumped()
    await using _ = server
    const { body } = await open({ draft: true })
    expect((await rest('PUT', `${at}/pulls/1/merge`, {})).body.message).toBe('Pull Request is still a draft')
    const ready = await mutate(
      'markPullRequestReadyForReview',
      { pullRequestId: body.node_id },
      'pullRequest { isDraft }',
    )
    expect(ready.data?.markPullRequestReadyForReview.pullRequest).toEqual({ isDraft: false })
    expect((await rest('PUT', `${at}/pulls/1/merge`, {})).status).toBe(200)
    const late = await mutate('convertPullRequestToDraft', { pullRequestId: body.node_id })
    expect(late.errors).toMatchObject([{ message: 'Pull request is closed' }])
  })
})

describe('rules of a branch', () => {
  const pullRequest = 'Changes must be made through a pull request.'

  test.each<{ by: 'ruleset' | 'protection'; message: string }>([
    { by: 'ruleset', message: `Repository rule violations found\n\n${pullRequest}\n\n` },
    { by: 'protection', message: pullRequest },
  ])('refuse a direct write in the words of a $by', async ({ by, message }) => {
    const { server, first, head, rest, mutate } = await bumped({ rules: { by, pullRequest: true } })
    await using _ = server
    const moved = await rest('PATCH', `${at}/git/refs/heads/main`, { sha: head })
    expect([moved.status, moved.body.message]).toEqual([422, message])
    const put = await rest('PUT', `${at}/contents/new.yaml`, { message: 'New', content: 'eA==' })
    expect([put.status, put.body.message]).toEqual([409, message])
    const { errors } = await mutate('createCommitOnBranch', {
      branch: { repositoryNameWithOwner: 'acme/config', branchName: 'main' },
      expectedHeadOid: first,
      message: { headline: 'New' },
      fileChanges: { additions: [{ path: 'new.yaml', contents: 'eA==' }] },
    })
    expect(errors).toMatchObject([{ type: 'UNPROCESSABLE', message }])
    expect(await server.git.head('acme/config', 'main')).toBe(first)
  })

  test.each([
    { by: 'ruleset', says: 'GH013: Repository rule violations found for refs/heads/main.' },
    { by: 'protection', says: 'GH006: Protected branch update failed for refs/heads/main.' },
  ] as const)('refuse a push in the words of a $by', async ({ by, says }) => {
    const { server, first } = await bumped({ rules: { by, pullRequest: true } })
    await using _ = server
    server.refusePushes('acme/config', 'main')
    const url = server.git.url('acme/config').replace('//', '//x:app@')
    const pushed = await git(server.git.directory('acme/config'), ['push', url, 'bump:main'])
    expect(pushed.stderr).toMatch(/remote rejected.*declined/)
    expect(pushed.stderr).toContain(says)
    expect(pushed.stderr).toContain(`- ${pullRequest}`)
    expect(await server.git.head('acme/config', 'main')).toBe(first)
  })

  test('are listed, and those of a protection are not', async () => {
    const { server, rest } = await bumped({ rules: { pullRequest: true, checks: ['ci'], signatures: true } })
    await using _ = server
    const types = async () =>
      (await rest('GET', `${at}/rules/branches/main`)).body.map(({ type }: { type: string }) => type)
    expect(await types()).toEqual([
      'non_fast_forward',
      'required_signatures',
      'pull_request',
      'required_status_checks',
    ])
    server.protect('acme/config', 'main', { by: 'protection', pullRequest: true })
    expect(await types()).toEqual([])
  })

  test('bind nobody who bypasses them', async () => {
    const { server, head, rest } = await bumped({
      rights: { bypassesRules: true },
      rules: { pullRequest: true },
    })
    await using _ = server
    expect((await rest('PATCH', `${at}/git/refs/heads/main`, { sha: head })).status).toBe(200)
  })

  test('refuse force, of which nobody has to speak', async () => {
    const { server, head, rest } = await bumped({ rules: {} })
    await using _ = server
    await server.commit('acme/config', 'main', { x: '1' }, 'Somebody else')
    const forced = await rest('PATCH', `${at}/git/refs/heads/main`, { sha: head, force: true })
    expect(forced.body.message).toContain('Cannot force-push to this branch')
    server.protect('acme/config', 'main', { noForcePush: false })
    expect((await rest('PATCH', `${at}/git/refs/heads/main`, { sha: head, force: true })).status).toBe(200)
  })

  test('want a signature, which GitHub gives', async () => {
    const { server, head, first, rest, mutate } = await bumped({ rules: { signatures: true } })
    await using _ = server
    const unsigned = await rest('PATCH', `${at}/git/refs/heads/main`, { sha: head })
    expect(unsigned.body.message).toContain('Commits must have verified signatures.')
    const { errors } = await mutate('createCommitOnBranch', {
      branch: { repositoryNameWithOwner: 'acme/config', branchName: 'main' },
      expectedHeadOid: first,
      message: { headline: 'New' },
      fileChanges: { additions: [{ path: 'new.yaml', contents: 'eA==' }] },
    })
    expect(errors).toBeUndefined()
  })
})

describe('what a token may not do', () => {
  test.each<{ rights: TokenRights; method: string; path: string; body: object | 'head'; says: string }>([
    {
      rights: { contents: 'read' },
      method: 'PATCH',
      path: 'git/refs/heads/main',
      body: 'head',
      says: 'Resource not accessible by integration',
    },
    {
      rights: { contents: 'read', login: 'octocat' },
      method: 'PATCH',
      path: 'git/refs/heads/main',
      body: 'head',
      says: 'Resource not accessible by personal access token',
    },
    {
      rights: { pull_requests: 'read' },
      method: 'POST',
      path: 'pulls',
      body: { title: 'x', head: 'bump', base: 'main' },
      says: 'Resource not accessible by integration',
    },
    {
      rights: { opensPullRequests: false },
      method: 'POST',
      path: 'pulls',
      body: { title: 'x', head: 'bump', base: 'main' },
      says: 'GitHub Actions is not permitted to create or approve pull requests.',
    },
    {
      rights: { workflows: false },
      method: 'PUT',
      path: 'contents/.github/workflows/a.yml',
      body: { message: 'x', content: 'eA==' },
      says: 'refusing to allow a GitHub App to create or update workflow `.github/workflows/a.yml` without `workflows` permission',
    },
  ])('$rights at $path', async ({ rights, method, path, body, says }) => {
    const { server, head, first, rest } = await bumped({ rights })
    await using _ = server
    const refused = await rest(method, `${at}/${path}`, body === 'head' ? { sha: head } : body)
    expect([refused.status, refused.body.message]).toEqual([403, says])
    expect(await server.git.head('acme/config', 'main')).toBe(first)
  })

  test('is said with the permission that is missing', async () => {
    const { server, head, rest } = await bumped({ rights: { contents: 'read' } })
    await using _ = server
    const { headers } = await rest('PATCH', `${at}/git/refs/heads/main`, { sha: head })
    expect(headers.get('x-accepted-github-permissions')).toBe('contents=write')
  })

  test('without any, or with a wrong one, nothing is written', async () => {
    const { server, head } = await bumped()
    await using _ = server
    const move = (token?: string) =>
      caller(server, token).rest('PATCH', `${at}/git/refs/heads/main`, { sha: head })
    expect([(await move()).status, (await move('wrong')).status]).toEqual([401, 401])
  })
})

describe('deployments', () => {
  test('are refused while checks are red, unless told not to ask, and have statuses', async () => {
    const { server, head, rest } = await bumped()
    await using _ = server
    await rest('POST', `${at}/statuses/${head}`, { state: 'failure', context: 'ci' })
    expect((await rest('POST', `${at}/deployments`, { ref: 'bump' })).status).toBe(409)
    const made = await rest('POST', `${at}/deployments`, {
      ref: 'bump',
      required_contexts: [],
      auto_merge: false,
    })
    expect(made).toMatchObject({ status: 201, body: { sha: head, environment: 'production' } })
    const statuses = `${at}/deployments/${made.body.id}/statuses`
    await rest('POST', statuses, { state: 'in_progress' })
    await rest('POST', statuses, { state: 'success', description: 'Live' })
    expect((await rest('GET', statuses)).body).toMatchObject([{ state: 'success' }, { state: 'in_progress' }])
    expect((await rest('POST', statuses, { state: 'error', description: 'x'.repeat(141) })).status).toBe(422)
  })

  test('merge the default branch first, as GitHub does by default', async () => {
    const { server, rest } = await bumped()
    await using _ = server
    await server.commit('acme/config', 'main', { 'other.yaml': 'x\n' }, 'Somebody else')
    expect(await rest('POST', `${at}/deployments`, { ref: 'bump' })).toMatchObject({ status: 202 })
    expect(await server.git.read('acme/config', 'bump', 'other.yaml')).toBe('x\n')
  })
})

test('several refs move at once, from what was expected there, or none does', async () => {
  const { server, first, head, rest, mutate } = await bumped()
  await using _ = server
  const { body } = await rest('GET', at)
  const move = (beforeOid: string) =>
    mutate('updateRefs', {
      repositoryId: body.node_id,
      refUpdates: [
        { name: 'refs/heads/new', beforeOid: '0'.repeat(40), afterOid: head },
        { name: 'refs/heads/bump', beforeOid, afterOid: first, force: true },
      ],
    })
  expect((await move(first)).errors).toMatchObject([{ message: expect.stringContaining('but expected') }])
  await expect(server.git.head('acme/config', 'new')).rejects.toThrow('no branch')
  expect((await move(head)).errors).toBeUndefined()
  expect(await server.git.head('acme/config', 'bump')).toBe(first)
})
