// A small GitHub over a real git repository, for the tests of this package: just the answers that are read here.
import type { IncomingMessage } from 'node:http'
import { json as readJson } from 'node:stream/consumers'
import { execFileSync } from 'node:child_process'
import { gitServer, loopback, type Answer, type Files } from '@gitops-relay/testing'

type Body = Record<string, any> // oxlint-disable-line no-explicit-any -- a test's own JSON
const repo = 'acme/config'

export interface Pull {
  number: number
  head: string
  base: string
  title: string
  body: string
  state: string
  draft: boolean
  merged: boolean
  labels: string[]
  reviewers: string[]
  mergeable_state: string
}

const reply = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})
const refuse = (status: number, message: string) => reply({ message }, status)

/** `truncated`: trees do not come whole. `verified`: whether commits are. `login`: who opens pull requests. */
export async function gitHubWorld(
  files: Files,
  options: { truncated?: boolean; verified?: boolean; login?: string } = {},
) {
  const server = await gitServer()
  const base = await server.createRepository(repo, files)
  const directory = server.directory(repo)
  const pulls: Pull[] = []
  const asked: { route: string; body: Body }[] = []
  const refusals: Record<string, Answer[]> = {}
  const git = (args: string[], input?: string) =>
    execFileSync(
      'git',
      ['-C', directory, '-c', 'user.name=GitHub', '-c', 'user.email=noreply@github.com', ...args],
      {
        input,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          ...process.env,
          GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
          GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
          GIT_INDEX_FILE: `${directory}/api-index`,
        },
      },
    ).trimEnd()
  const commitOf = (sha: string) => ({ sha, commit: { message: git(['show', '-s', '--format=%B', sha]) } })
  const shaOf = (name: string) => {
    try {
      return git(['rev-parse', '--verify', '--quiet', name])
    } catch {
      return undefined
    }
  }
  const entries = (tree: string, recursive: boolean) =>
    git(['ls-tree', '-z', '-t', ...(recursive ? ['-r'] : []), tree])
      .split('\0')
      .filter(Boolean)
      .map(line => {
        const [meta = '', path] = line.split('\t')
        const [mode, type, sha] = meta.split(' ')
        return { path, mode, type, sha }
      })
  const treeWith = (from: string, changes: { path: string; mode: string; oid: string }[]) => {
    git(['read-tree', from])
    for (const { path, mode, oid } of changes)
      git(['update-index', '--add', '--cacheinfo', `${mode},${oid},${path}`])
    return git(['write-tree'])
  }
  const move = (ref: string, to: string, from: string) => void git(['update-ref', ref, to, from])
  const pullOf = (pull: Pull) => ({
    ...pull,
    node_id: `PR_${pull.number}`,
    html_url: `https://github.com/acme/config/pull/${pull.number}`,
    user: { login: options.login ?? 'app[bot]' },
    head: { ref: pull.head, sha: shaOf(`refs/heads/${pull.head}`) },
    base: { ref: pull.base },
    labels: pull.labels.map(name => ({ name })),
    requested_reviewers: pull.reviewers.map(login => ({ login })),
    requested_teams: [],
  })

  const api = await loopback(async (request: IncomingMessage, url) => {
    const body: Body = ['POST', 'PATCH', 'PUT'].includes(request.method ?? '')
      ? Object(await readJson(request))
      : {} // oxlint-disable-line no-unsafe-type-assertion -- ours
    const path = decodeURIComponent(url.pathname).replace(`/repos/${repo}`, '')
    const route = `${request.method} ${path}`
    asked.push({
      route: path === '/graphql' ? (/\{ (\w+)\(/.exec(String(body['query']))?.[1] ?? '') : route,
      body,
    })
    const name = asked.at(-1)?.route ?? ''
    const refusal = Object.entries(refusals)
      .find(([key, waiting]) => name.includes(key) && waiting.length > 0)?.[1]
      .shift()
    if (refusal !== undefined) return refusal
    const query = url.searchParams
    const [, rest = ''] = /^\/[^/]+\/[^/]+\/(.*)$/.exec(path) ?? []
    switch (true) {
      case route === 'GET ':
        return reply({ default_branch: 'main', node_id: 'R_1' })
      case route.startsWith('GET /git/ref/'): {
        const sha = shaOf(`refs/${rest}`)
        return sha === undefined ? refuse(404, 'Not Found') : reply({ object: { sha } })
      }
      case route.startsWith('GET /git/trees/'):
        return reply({
          sha: rest,
          tree: entries(rest, query.has('recursive') && !options.truncated),
          truncated: query.has('recursive') && options.truncated === true,
        })
      case route.startsWith('GET /git/blobs/'):
        return reply({
          encoding: 'base64',
          content: execFileSync('git', ['-C', directory, 'cat-file', 'blob', rest])
            .toString('base64')
            .replaceAll(/.{60}/g, '$&\n'),
        })
      case route.startsWith('GET /git/commits/'):
        return reply({
          sha: rest,
          tree: { sha: git(['rev-parse', `${rest}^{tree}`]) },
          verification: {
            verified: options.verified ?? true,
            reason: options.verified === false ? 'unsigned' : 'valid',
          },
        })
      case route === 'GET /commits':
        return reply(
          git(['rev-list', `--max-count=${query.get('per_page')}`, query.get('sha') ?? ''])
            .split('\n')
            .map(commitOf),
        )
      case route.startsWith('GET /compare/'): {
        const [from = '', to = ''] = path.replace('/compare/', '').split('...')
        return reply({
          status: git(['merge-base', from, to]) === from ? 'ahead' : 'diverged',
          commits: git(['rev-list', '--reverse', `${from}..${to}`])
            .split('\n')
            .filter(Boolean)
            .map(commitOf),
        })
      }
      case route === 'POST /git/trees':
        return reply(
          {
            sha: treeWith(
              body['base_tree'],
              body['tree'].map((item: Body) => ({
                ...item,
                oid: git(['hash-object', '-w', '--stdin'], item['content']),
              })),
            ),
          },
          201,
        )
      case route === 'POST /git/commits':
        return reply(
          {
            sha: git(['commit-tree', '-p', body['parents'][0], body['tree'], '-F', '-'], body['message']),
            verification: { verified: options.verified ?? true, reason: 'valid' },
          },
          201,
        )
      case route === 'POST /git/refs':
        if (shaOf(body['ref']) !== undefined) return refuse(422, 'Reference already exists')
        move(body['ref'], body['sha'], '')
        return reply({ ref: body['ref'] }, 201)
      case route.startsWith('PATCH /git/refs/'): {
        const now = shaOf(`refs/${rest}`) ?? ''
        if (git(['merge-base', now, body['sha']]) !== now) return refuse(422, 'Update is not a fast forward')
        move(`refs/${rest}`, body['sha'], now)
        return reply({})
      }
      case route === 'POST /graphql':
        return graphql(String(body['query']), body['variables']['input'])
      case route === 'GET /pulls':
        return reply(
          pulls
            .filter(
              pull =>
                pull.state === 'open' &&
                query.get('head') === `acme:${pull.head}` &&
                query.get('base') === pull.base,
            )
            .map(pullOf),
        )
      case route === 'POST /pulls': {
        if (pulls.some(pull => pull.state === 'open' && pull.head === body['head']))
          return refuse(422, 'Validation Failed: A pull request already exists for acme:x.')
        const { head, base: into, title, body: text, draft } = body
        const number = pulls.length + 1
        const fresh = { state: 'open', merged: false, labels: [], reviewers: [], mergeable_state: 'clean' }
        const pull: Pull = { number, head, base: into, title, body: text, draft, ...fresh }
        pulls.push(pull)
        return reply(pullOf(pull), 201)
      }
      default:
        return onPull(route, body)
    }
  })

  function onPull(route: string, body: Body): Answer {
    const [, number = '', action = ''] = /^\w+ \/(?:pulls|issues)\/(\d+)\/?(.*)$/.exec(route) ?? []
    const pull = pulls[Number(number) - 1]
    if (pull === undefined) return refuse(404, 'Not Found')
    if (route.startsWith('PATCH')) Object.assign(pull, body)
    if (action === 'labels') pull.labels.push(...body['labels'])
    if (action === 'requested_reviewers') pull.reviewers.push(...body['reviewers'], ...body['team_reviewers'])
    if (action === 'merge') {
      if (body['sha'] !== shaOf(`refs/heads/${pull.head}`))
        return refuse(409, 'Head branch was modified. Review and try the merge again.')
      Object.assign(pull, { merged: true, state: 'closed' })
    }
    return reply(pullOf(pull))
  }

  function graphql(query: string, input: Body): Answer {
    if (query.includes('createCommitOnBranch(')) {
      const ref = `refs/heads/${input['branch'].branchName}`
      if (shaOf(ref) !== input['expectedHeadOid']) {
        return reply({
          data: null,
          errors: [
            {
              type: 'STALE_DATA',
              message: `Expected branch to point to "${input['expectedHeadOid']}" but it did not. Pull and try again.`,
            },
          ],
        })
      }
      const changes = input['fileChanges'].additions.map((item: Body) => ({
        path: item['path'],
        mode: '100644',
        oid: git(['hash-object', '-w', '--stdin'], Buffer.from(item['contents'], 'base64').toString()),
      }))
      const { headline, body } = input['message']
      const oid = git(
        [
          'commit-tree',
          '-p',
          input['expectedHeadOid'],
          treeWith(input['expectedHeadOid'], changes),
          '-F',
          '-',
        ],
        `${headline}\n\n${body}\n`,
      )
      move(ref, oid, input['expectedHeadOid'])
      return reply({ data: { createCommitOnBranch: { commit: { oid } } } })
    }
    if (query.includes('updateRefs(')) {
      const [{ name, beforeOid, afterOid }] = input['refUpdates']
      if (shaOf(name) !== beforeOid)
        return reply({
          data: null,
          errors: [
            {
              type: 'STALE_DATA',
              message: `Reference ${name} was at another commit but expected ${beforeOid}`,
            },
          ],
        })
      move(name, afterOid, beforeOid)
    }
    return reply({ data: {} })
  }

  return {
    server,
    api,
    base,
    pulls,
    asked,
    /** Answers the next requests whose route holds the text. */
    refuse: (text: string, ...answers: Answer[]) => void (refusals[text] = answers),
    said: (status: number, message: string) => refuse(status, message),
    errors: (type: string, message: string) => reply({ data: null, errors: [{ type, message }] }),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
