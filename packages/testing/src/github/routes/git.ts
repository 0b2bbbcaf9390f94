// The Git database: refs, commits, trees, blobs.
import type { Person } from '../commit-object.ts'
import type { TreeChange } from '../objects.ts'
import { createBranch, moveBranch, writeCommit } from '../moves.ts'
import { notFound, Refusal } from '../refusal.ts'
import { created, ok, parameter, page, route, type Call, type Route } from '../route.ts'
import { checkMove } from '../rules.ts'
import { apiOf, nodeId } from '../shapes/address.ts'
import { gitCommitShape, refShape, treeShape } from '../shapes/commit.ts'
import { headOf } from '../state.ts'

const at = '/repos/{owner}/{repo}/git'

const branchOf = (ref: string) => (ref.startsWith('heads/') ? ref.slice('heads/'.length) : undefined)

async function refNamed({ repository, places }: Call<unknown>, ref: string) {
  const branch = branchOf(ref)
  const sha =
    branch === undefined
      ? await repository.objects.resolve(`refs/${ref}`, 'object')
      : await headOf(repository, branch)
  if (sha === undefined) throw notFound()
  return refShape(places, repository, `refs/${ref}`, sha)
}

export const gitRoutes: readonly Route[] = [
  route(`GET ${at}/ref/{ref}`, async call => ok(await refNamed(call, parameter(call, 'ref')))),

  route(`GET ${at}/matching-refs/{ref}`, async call => {
    const { repository, places } = call
    const found = await repository.objects.refs(`refs/${parameter(call, 'ref')}`)
    return page(call, found, ({ ref, sha, type }) => refShape(places, repository, ref, sha, type))
  }),

  route<{ ref: string; sha: string }>(
    `POST ${at}/refs`,
    async call => {
      const { repository, asker, places, body } = call
      const { ref, sha } = body
      if (!/^refs\/[^/]+\/./.test(ref)) throw new Refusal(422, `${ref} is not a valid ref name.`)
      const branch = branchOf(ref.slice('refs/'.length))
      if (branch !== undefined) await createBranch(repository, asker, { branch, sha })
      else if (!(await repository.objects.moveRef(ref, sha, undefined)))
        throw new Refusal(422, 'Reference already exists')
      return created(refShape(places, repository, ref, sha))
    },
    'contents',
  ),

  route<{ sha: string; force?: boolean }>(
    `PATCH ${at}/refs/{ref}`,
    async call => {
      const { repository, asker, places, body } = call
      const ref = parameter(call, 'ref')
      const branch = branchOf(ref)
      if (branch === undefined) throw new Refusal(422, 'Reference does not exist')
      await moveBranch(repository, asker, { branch, after: body.sha, force: body.force === true })
      return ok(refShape(places, repository, `refs/${ref}`, body.sha))
    },
    'contents',
  ),

  route(
    `DELETE ${at}/refs/{ref}`,
    async call => {
      const { repository, asker } = call
      const ref = parameter(call, 'ref')
      const before = await repository.objects.resolve(`refs/${ref}`, 'object')
      if (before === undefined) throw new Refusal(422, 'Reference does not exist')
      const branch = branchOf(ref)
      if (branch !== undefined) await checkMove(repository, asker, { branch, before, after: undefined })
      await repository.objects.deleteRef(`refs/${ref}`)
      return { status: 204 }
    },
    'contents',
  ),

  route(`GET ${at}/commits/{commit_sha}`, async call => {
    const { repository, places } = call
    const sha = await fullName(call, parameter(call, 'commit_sha'), 'commit')
    return ok(gitCommitShape(places, repository, await repository.objects.commit(sha)))
  }),

  route<{
    message: string
    tree: string
    parents?: string[]
    author?: { name: string; email: string; date?: string }
    committer?: { name?: string; email?: string; date?: string }
  }>(
    `POST ${at}/commits`,
    async call => {
      const { repository, asker, places, state, body } = call
      const { objects } = repository
      const parents = body.parents ?? []
      if ((await objects.resolve(body.tree, 'tree')) === undefined)
        throw new Refusal(422, 'Tree SHA does not exist')
      for (const parent of parents) {
        if ((await objects.resolve(parent)) === undefined)
          throw new Refusal(422, `Parent SHA does not exist or is not a commit object`)
      }
      const now = state.now()
      const person = (given: typeof body.committer): Person => ({
        name: given?.name ?? asker.login,
        email: given?.email ?? '',
        date: given?.date ?? now,
      })
      const people = {
        ...(body.author === undefined ? {} : { author: person(body.author) }),
        ...(body.committer === undefined ? {} : { committer: person(body.committer) }),
      }
      const draft = { tree: body.tree, parents, message: body.message, ...people }
      const sha = await writeCommit(repository, asker, draft, now)
      return created(gitCommitShape(places, repository, await objects.commit(sha)))
    },
    'contents',
  ),

  route(`GET ${at}/trees/{tree_sha}`, async call => {
    const { repository, places, url, limits } = call
    const name = parameter(call, 'tree_sha')
    const sha = (await repository.objects.resolve(name, 'tree')) ?? notThere()
    const entries = await repository.objects.tree(sha, url.searchParams.has('recursive'))
    const shown = entries.slice(0, limits.treeEntries)
    return ok(treeShape(places, repository, sha, shown, shown.length < entries.length))
  }),

  route<{
    base_tree?: string
    tree: { path?: string; mode?: string; type?: string; sha?: string | null; content?: string }[]
  }>(
    `POST ${at}/trees`,
    async call => {
      const { repository, places, body } = call
      const { objects } = repository
      const base = body.base_tree
      if (base !== undefined && (await objects.resolve(base, 'tree')) === undefined)
        throw new Refusal(422, 'base_tree is not a valid tree oid')
      const written = await objects.writeBlobs(
        body.tree.flatMap(({ content }) => (content === undefined ? [] : [Buffer.from(content)])),
      )
      const changes: TreeChange[] = []
      for (const { path, mode, sha, content } of body.tree) {
        if (path === undefined || path === '' || path.startsWith('/') || mode === undefined)
          throw new Refusal(422, 'tree.path contains a malformed path component')
        if (content !== undefined && sha !== undefined)
          throw new Refusal(422, 'Must supply either tree.sha or tree.content, not both')
        const type = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'
        if (typeof sha === 'string' && type !== 'commit' && (await objects.resolve(sha, type)) === undefined)
          throw new Refusal(422, `tree.sha ${sha} is not a valid ${type}`)
        changes.push({ path, mode, sha: content === undefined ? (sha ?? null) : (written.shift() ?? null) })
      }
      const sha = await objects.writeTree(base, changes)
      return created(treeShape(places, repository, sha, await objects.tree(sha, false)))
    },
    'contents',
  ),

  route(`GET ${at}/blobs/{file_sha}`, async call => {
    const { repository, places } = call
    const sha = await fullName(call, parameter(call, 'file_sha'), 'blob')
    const bytes = (await repository.objects.blob(sha)) ?? notThere()
    return ok({
      sha,
      node_id: nodeId('B', sha),
      size: bytes.length,
      url: `${apiOf(places, repository)}/git/blobs/${sha}`,
      content: bytes.toString('base64').replaceAll(/.{1,60}/g, '$&\n'),
      encoding: 'base64',
    })
  }),

  route<{ content: string; encoding?: string }>(
    `POST ${at}/blobs`,
    async call => {
      const { repository, places, body } = call
      const bytes = Buffer.from(body.content, body.encoding === 'base64' ? 'base64' : 'utf8')
      const [sha = ''] = await repository.objects.writeBlobs([bytes])
      return created({ url: `${apiOf(places, repository)}/git/blobs/${sha}`, sha })
    },
    'contents',
  ),
]

/** Only whole names mean something to these endpoints. */
async function fullName({ repository }: Call<unknown>, name: string, type: string): Promise<string> {
  const found = /^[\da-f]{40}$/.test(name) ? await repository.objects.resolve(name, type) : undefined
  return found ?? notThere()
}

function notThere(): never {
  throw notFound()
}
