import { expect, test } from '@jest/globals'
import { createHttp } from '@gitops-relay/http'
import { githubServer, type TokenRights } from '@gitops-relay/testing'
import { createGitHub } from './client.ts'
import { commitMessage } from './commits.ts'
import { deploymentsOf } from './deployments.ts'
import { statusesOf } from './statuses.ts'

const place = { owner: 'acme', repo: 'shop' }
const { signal } = new AbortController()
const logUrl = 'https://github.example/acme/shop/actions/runs/1'

/** One commit, and what can be said of it. */
async function world(rights: TokenRights = {}) {
  const server = await githubServer({ tokens: { ghs_1: rights } })
  const sha = await server.createRepository('acme/shop', { a: '' })
  const urls = { apiUrl: server.url, graphqlUrl: server.graphqlUrl }
  const github = createGitHub({ ...urls, token: 'ghs_1', http: createHttp() })
  return {
    server,
    sha,
    github,
    deployments: deploymentsOf(github, place),
    statuses: statusesOf(github, place),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const wanted = { environment: 'prod', description: 'Deploys it', payload: { mark: { run: '1' } } }

test('a Deployment is made of the commit as it is: no check is waited for, nothing is merged', async () => {
  await using at = await world()
  const red = { context: 'ci', state: 'failure', description: 'red', targetUrl: '' } as const
  await at.statuses.report(at.sha, red, signal)
  const made = await at.deployments.create({ ...wanted, sha: at.sha }, signal)
  expect(made).toEqual({ id: expect.any(Number), environment: 'prod', payload: wanted.payload })
  expect(await at.deployments.of(at.sha, signal)).toEqual([made])
  expect(at.server.deployments('acme/shop')).toMatchObject([{ sha: at.sha, ref: at.sha, task: 'deploy' }])
})

test('its statuses come newest first, with descriptions that GitHub takes', async () => {
  await using at = await world()
  const { id } = await at.deployments.create({ ...wanted, sha: at.sha }, signal)
  await at.deployments.report(id, { state: 'in_progress', description: 'Waiting', logUrl }, signal)
  await at.deployments.report(id, { state: 'failure', description: 'long '.repeat(99), logUrl: '' }, signal)
  expect(await at.deployments.statuses(id, signal)).toEqual([
    { id: expect.any(Number), state: 'failure', logUrl: '' },
    { id: expect.any(Number), state: 'in_progress', logUrl },
  ])
})

test('a payload that was given as a text is read', async () => {
  await using at = await world()
  await at.deployments.create({ ...wanted, payload: '{"mark":2}', sha: at.sha }, signal)
  await at.deployments.create({ ...wanted, payload: 'a text', sha: at.sha }, signal)
  const found = await at.deployments.of(at.sha, signal)
  expect(found.map(({ payload }) => payload)).toEqual(['a text', { mark: 2 }])
})

test('a Deployment whose answer got lost is made once; a status may be said twice', async () => {
  await using at = await world()
  at.server.fail({ match: /^POST .*deployments$/, kind: 'drop-answer' })
  await expect(at.deployments.create({ ...wanted, sha: at.sha }, signal)).rejects.toMatchObject({
    code: 'network',
  })
  const [made] = await at.deployments.of(at.sha, signal)
  at.server.fail({ match: /^POST .*statuses$/, kind: 'status', status: 502 })
  await at.deployments.report(made?.id ?? 0, { state: 'success', description: '', logUrl: '' }, signal)
  expect(at.server.deployments('acme/shop')).toMatchObject([{ statuses: [{ state: 'success' }] }])
})

test('the newest status of each context, over all pages', async () => {
  await using at = await world()
  const status = { state: 'pending', description: '', targetUrl: logUrl } as const
  for (let n = 0; n < 101; n++) await at.statuses.report(at.sha, { ...status, context: `c${n}` }, signal)
  await at.statuses.report(at.sha, { ...status, context: 'c7', state: 'success', targetUrl: '' }, signal)
  const newest = await at.statuses.newest(at.sha, signal)
  expect([newest.size, newest.get('c7'), newest.get('c100')]).toEqual([
    101,
    { state: 'success', targetUrl: '' },
    { state: 'pending', targetUrl: logUrl },
  ])
})

test('what a token may not do is a refusal that names the permission', async () => {
  await using at = await world({ deployments: 'read', statuses: 'read' })
  const status = { context: 'c', state: 'success', description: '', targetUrl: '' } as const
  await expect(at.deployments.create({ ...wanted, sha: at.sha }, signal)).rejects.toMatchObject({
    code: 'no-permission',
    message: expect.stringMatching(/^Cannot write deployments of acme\/shop.* deployments: write\.$/),
  })
  await expect(at.statuses.report(at.sha, status, signal)).rejects.toMatchObject({
    code: 'no-permission',
    message: expect.stringMatching(/^Cannot write statuses of acme\/shop.* statuses: write\.$/),
  })
})

test('a commit says what it is about', async () => {
  await using at = await world()
  const sha = await at.server.commit('acme/shop', 'main', { a: '1' }, 'deploy\n\nSource-Commit: 1\n')
  expect(await commitMessage(at.github, place, sha, signal)).toMatch(/^deploy\n\nSource-Commit: 1\n?$/)
  await expect(commitMessage(at.github, place, '1'.repeat(40), signal)).rejects.toMatchObject({
    status: 404,
  })
})
