// Repositories, branches, commits, files, comparisons, rules.
import { commitOnBranch, entryAt } from '../moves.ts'
import type { Person } from '../commit-object.ts'
import { invalid, notFound, Refusal } from '../refusal.ts'
import { commitNamed, created, ok, page, parameter, route, type Call, type Route } from '../route.ts'
import { apiOf, htmlOf } from '../shapes/address.ts'
import { changeShape, commitShape, fileShape, gitCommitShape } from '../shapes/commit.ts'
import { repositoryShape } from '../shapes/repository.ts'
import { headOf, type RepositorySettings } from '../state.ts'

const at = '/repos/{owner}/{repo}'

interface FileBody {
  message: string
  content: string
  sha?: string
  branch?: string
  author?: { name: string; email: string; date?: string }
  committer?: { name: string; email: string; date?: string }
}

export const repositoryRoutes: readonly Route[] = [
  route(`GET ${at}`, ({ places, repository }) => ok(repositoryShape(places, repository))),

  route<RepositorySettings>(
    `PATCH ${at}`,
    ({ places, repository, body }) => {
      Object.assign(repository.settings, body)
      return ok(repositoryShape(places, repository))
    },
    'administration',
  ),

  route(`GET ${at}/branches`, async call => {
    const { repository, places } = call
    const refs = await repository.objects.refs('refs/heads/')
    return page(call, refs, ({ ref, sha }) => {
      const name = ref.slice('refs/heads/'.length)
      const commit = { sha, url: `${apiOf(places, repository)}/commits/${sha}` }
      return { name, commit, protected: repository.rules.has(name) }
    })
  }),

  route(`GET ${at}/branches/{branch}`, async call => {
    const { repository, places } = call
    const name = parameter(call, 'branch')
    const sha = await headOf(repository, name)
    if (sha === undefined) throw new Refusal(404, 'Branch not found')
    const self = `${apiOf(places, repository)}/branches/${name}`
    const rules = repository.rules.get(name)
    const isClassic = rules?.by === 'protection'
    return ok({
      name,
      commit: commitShape(places, repository, await repository.objects.commit(sha)),
      _links: { self, html: `${htmlOf(places, repository)}/tree/${name}` },
      protected: rules !== undefined,
      protection: {
        enabled: isClassic,
        required_status_checks: {
          enforcement_level: isClassic ? 'non_admins' : 'off',
          contexts: isClassic ? (rules.checks ?? []) : [],
          checks: [],
        },
      },
      protection_url: `${self}/protection`,
    })
  }),

  route(`GET ${at}/rules/branches/{branch}`, async call => {
    const { repository } = call
    const rules = repository.rules.get(parameter(call, 'branch'))
    const source = {
      ruleset_source_type: 'Repository',
      ruleset_source: `${repository.owner}/${repository.name}`,
      ruleset_id: repository.id,
    }
    const all = rules === undefined || rules.by === 'protection' ? [] : ruleShapes(rules)
    return page(call, all, rule => ({ ...rule, ...source }))
  }),

  route(`GET ${at}/commits`, async call => {
    const { repository, places, url } = call
    const revision = url.searchParams.get('sha') ?? repository.defaultBranch
    const start = (await headOf(repository, revision)) ?? (await commitNamed(repository, revision))
    const path = url.searchParams.get('path')
    const commits = await repository.objects.log(start, ...(path === null ? [] : ['--', path]))
    return page(call, commits, commit => commitShape(places, repository, commit))
  }),

  route(`GET ${at}/commits/{ref}`, async call => {
    const { repository, places } = call
    const { objects } = repository
    const commit = await objects.commit(await commitNamed(repository, parameter(call, 'ref')))
    const [parent] = commit.parents
    const changes = parent === undefined ? [] : await objects.diff(parent, commit.sha)
    const additions = changes.reduce((sum, change) => sum + change.additions, 0)
    const deletions = changes.reduce((sum, change) => sum + change.deletions, 0)
    return ok({
      ...commitShape(places, repository, commit),
      stats: { additions, deletions, total: additions + deletions },
      files: changes.map(change => changeShape(places, repository, commit.sha, change)),
    })
  }),

  route(`GET ${at}/compare/{basehead}`, async call => {
    const { repository, places } = call
    const { objects } = repository
    const basehead = parameter(call, 'basehead')
    const [base = '', head = ''] = basehead.split('...')
    const [from, to] = [await commitNamed(repository, base), await commitNamed(repository, head)]
    const mergeBase = await objects.mergeBase(from, to)
    if (mergeBase === undefined) throw new Refusal(404, `No common ancestor between ${base} and ${head}.`)
    const ahead = await objects.log('--reverse', '--topo-order', `${from}..${to}`)
    const behind = await objects.log(`${to}..${from}`)
    const changes = await objects.diff(mergeBase, to)
    const status =
      ahead.length === 0
        ? behind.length === 0
          ? 'identical'
          : 'behind'
        : behind.length === 0
          ? 'ahead'
          : 'diverged'
    const html = `${htmlOf(places, repository)}/compare/${basehead}`
    const whole = {
      url: `${apiOf(places, repository)}/compare/${basehead}`,
      html_url: html,
      permalink_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: commitShape(places, repository, await objects.commit(from)),
      merge_base_commit: commitShape(places, repository, await objects.commit(mergeBase)),
      status,
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      files: changes.map(change => changeShape(places, repository, to, change)),
    }
    const shape = (commit: (typeof ahead)[number]) => commitShape(places, repository, commit)
    return page(call, ahead, shape, commits => ({ ...whole, commits }), { size: 250, largest: 250 })
  }),

  route(`GET ${at}/contents/{path}`, async call => {
    const { repository, places, url } = call
    const ref = url.searchParams.get('ref') ?? repository.defaultBranch
    const path = parameter(call, 'path')
    const commit = (await headOf(repository, ref)) ?? (await commitNamed(repository, ref))
    const entry = await entryAt(repository, commit, path)
    if (entry === undefined) throw notFound()
    if (entry.type === 'blob') {
      const bytes = (await repository.objects.blob(entry.sha)) ?? Buffer.alloc(0)
      return ok(fileShape(places, repository, path, entry, ref, bytes))
    }
    const inside = await repository.objects.tree(entry.sha, false)
    return ok(inside.map(child => fileShape(places, repository, `${path}/${child.path}`, child, ref)))
  }),

  route<FileBody>(`PUT ${at}/contents/{path}`, call => putFile(call), 'contents'),

  route<Omit<FileBody, 'content'>>(`DELETE ${at}/contents/{path}`, call => putFile(call), 'contents'),
]

async function putFile(call: Call<Omit<FileBody, 'content'> & { content?: string }>) {
  const { repository, asker, places, state, body } = call
  const { objects } = repository
  const path = parameter(call, 'path')
  const branch = body.branch ?? repository.defaultBranch
  const parent = await objects.resolve(`refs/heads/${branch}`)
  if (parent === undefined) throw new Refusal(404, `Branch ${branch} not found`)
  const old = await entryAt(repository, parent, path)
  if (old !== undefined && body.sha === undefined)
    throw new Refusal(422, `Invalid request.\n\n"sha" wasn't supplied.`)
  if (body.content === undefined && old === undefined) throw notFound()
  if (body.sha !== undefined && body.sha !== old?.sha)
    throw new Refusal(409, `${path} does not match ${body.sha}`)
  if (body.content !== undefined && !/^[A-Za-z\d+/\s]*={0,2}\s*$/.test(body.content))
    throw invalid('Content', 'content', 'invalid', 'content is not valid Base64')
  const now = state.now()
  const [sha = null] =
    body.content === undefined ? [] : await objects.writeBlobs([Buffer.from(body.content, 'base64')])
  const person = (given: { name: string; email: string; date?: string }): Person => ({ date: now, ...given })
  const commit = await commitOnBranch(
    repository,
    asker,
    {
      branch,
      message: body.message,
      changes: [{ path, mode: old?.mode ?? '100644', sha }],
      ...(body.author === undefined ? {} : { author: person(body.author) }),
      ...(body.committer === undefined ? {} : { committer: person(body.committer) }),
    },
    { now, parent, status: 409, moved: new Refusal(409, `${branch} was modified, it was at ${parent}`) },
  )
  const entry = await entryAt(repository, commit.sha, path)
  const content = entry === undefined ? null : fileShape(places, repository, path, entry, branch)
  const answer = { content, commit: gitCommitShape(places, repository, commit) }
  return old === undefined ? created(answer) : ok(answer)
}

function ruleShapes(rules: NonNullable<ReturnType<Call<unknown>['repository']['rules']['get']>>) {
  const checks = (rules.checks ?? []).map(context => ({ context }))
  return [
    ...(rules.noForcePush === false ? [] : [{ type: 'non_fast_forward' }]),
    ...(rules.signatures === true ? [{ type: 'required_signatures' }] : []),
    ...(rules.pullRequest === true
      ? [
          {
            type: 'pull_request',
            parameters: {
              dismiss_stale_reviews_on_push: false,
              require_code_owner_review: false,
              require_last_push_approval: false,
              required_approving_review_count: rules.approvals ?? 0,
              required_review_thread_resolution: false,
            },
          },
        ]
      : []),
    ...(checks.length === 0
      ? []
      : [
          {
            type: 'required_status_checks',
            parameters: {
              required_status_checks: checks,
              strict_required_status_checks_policy: rules.upToDate === true,
            },
          },
        ]),
    ...(rules.mergeQueue === true
      ? [
          {
            type: 'merge_queue',
            parameters: {
              check_response_timeout_minutes: 60,
              grouping_strategy: 'ALLGREEN',
              max_entries_to_build: 5,
              max_entries_to_merge: 5,
              merge_method: 'MERGE',
              min_entries_to_merge: 1,
              min_entries_to_merge_wait_minutes: 5,
            },
          },
        ]
      : []),
  ]
}
