// A git server over HTTP on this machine: the real `git http-backend`, with a token, a log of requests and faults on demand.
import type { IncomingMessage } from 'node:http'
import type { Fault } from '../faults.ts'
import { loopback } from '../loopback.ts'
import type { Answer, LoggedRequest } from '../loopback.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import * as repository from './bare-repository.ts'
import type { Commit, Files } from './bare-repository.ts'
import { gitOutput } from './git.ts'
import { httpBackend } from './http-backend.ts'
import { reject } from './rejection.ts'
import type { Rejection } from './rejection.ts'

export interface GitServerOptions {
  /** Demanded as the password of Basic authentication, for reading too; any one of several. */
  token?: string | readonly string[]
  /** Keep the repositories in this directory, which stays; default: one of its own, removed at the end. */
  directory?: string
}

export interface GitServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, as a run's `GITHUB_SERVER_URL`. */
  readonly origin: string
  /** Directory of all repositories. */
  readonly root: string
  readonly requests: LoggedRequest[]
  /** URL to clone from and push to. The server answers without `.git`, too. */
  url(repo: string): string
  /** Absolute path of the bare repository. */
  directory(repo: string): string
  /** Makes a repository with one commit and gives its SHA back. `name` may be `owner/name`. */
  createRepository(name: string, files: Files, branch?: string): Promise<string>
  commit(repo: string, branch: string, files: Files, message: string): Promise<string>
  /** Text of a file at a branch or commit; throws when there is none. */
  read(repo: string, revision: string, path: string): Promise<string>
  bytes(repo: string, revision: string, path: string): Promise<Buffer>
  /** Newest first. */
  log(repo: string, branch: string): Promise<Commit[]>
  /** Throws when there is no such branch. */
  head(repo: string, branch: string): Promise<string>
  /** Any git command in the bare repository. */
  git(repo: string, ...args: string[]): Promise<string>
  readonly fail: (fault: Fault) => void
  /** Refuses the next pushes in these words. */
  reject(rejection: Rejection): void
}

const services = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.+)$/

/** Starts the server. Pushes and reads run at once, as many as come. */
export async function gitServer({ token, directory: given }: GitServerOptions = {}): Promise<GitServer> {
  const own = given === undefined ? await temporaryDirectory() : undefined
  const root = given ?? own?.path ?? ''
  const directoryOf = (repo: string) => `${root}/${repo.replace(/\.git$/, '')}.git`

  const rejections: Rejection[] = []

  const server = await loopback(async (request, url): Promise<Answer> => {
    const refused = refuse(request, token)
    if (refused !== undefined) return refused
    const [, repo, service] = services.exec(decodeURIComponent(url.pathname)) ?? []
    if (repo === undefined) return { status: 404, body: 'Repository not found.\n' }
    const rejection = rejections.find(({ repo: only = repo }) => only.replace(/\.git$/, '') === repo)
    if (service === 'git-receive-pack' && rejection !== undefined) {
      rejection.times = (rejection.times ?? 1) - 1
      if (rejection.times === 0) rejections.splice(rejections.indexOf(rejection), 1)
      return reject(request, rejection)
    }
    return httpBackend({
      request,
      root,
      path: `/${repo}.git/${service}`,
      query: url.search,
      user: 'x-access-token',
    })
  })

  const bytes = async (repo: string, revision: string, path: string) => {
    const content = await repository.read(directoryOf(repo), revision, path)
    if (content === undefined) throw new Error(`There is no ${path} at ${revision} of ${repo}.`)
    return content
  }
  return {
    origin: server.url,
    root,
    requests: server.requests,
    fail: server.fail,
    reject: rejection => void rejections.push({ ...rejection }),
    url: repo => `${server.url}/${repo.replace(/\.git$/, '')}.git`,
    directory: directoryOf,
    async createRepository(name, files, branch = 'main') {
      await repository.initialise(directoryOf(name))
      if (branch !== 'main')
        await gitOutput(directoryOf(name), ['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
      const sha = await repository.commit(directoryOf(name), branch, files, 'Initial commit')
      // With bitmaps, as hosted servers have them: they know what follows from a commit that the client has.
      await gitOutput(directoryOf(name), ['repack', '-adbq'])
      return sha
    },
    commit: (repo, branch, files, message) => repository.commit(directoryOf(repo), branch, files, message),
    read: async (repo, revision, path) => (await bytes(repo, revision, path)).toString(),
    bytes,
    log: (repo, branch) => repository.log(directoryOf(repo), branch),
    async head(repo, branch) {
      const sha = await repository.head(directoryOf(repo), branch)
      if (sha === undefined) throw new Error(`There is no branch ${branch} in ${repo}.`)
      return sha
    },
    git: (repo, ...args) => gitOutput(directoryOf(repo), args),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await own?.[Symbol.asyncDispose]()
    },
  }
}

/** As GitHub does: 400 for two Authorization headers, 401 for a wrong or missing token. */
function refuse(request: IncomingMessage, token: string | readonly string[] | undefined): Answer | undefined {
  const given = request.rawHeaders.filter(
    (name, at) => at % 2 === 0 && name.toLowerCase() === 'authorization',
  )
  if (given.length > 1) return { status: 400, body: 'Duplicate header: "Authorization"\n' }
  if (token === undefined) return undefined
  const [scheme = '', credentials = ''] = (request.headers.authorization ?? '').split(' ')
  const password = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString())?.[1]
  if (scheme.toLowerCase() === 'basic' && password !== undefined && [token].flat().includes(password))
    return undefined
  return {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="GitHub"' },
    body: 'Authentication failed.\n',
  }
}
