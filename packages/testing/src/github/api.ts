// One request to the API from its first byte to its last: who asks, what GitHub's description says, the route's work.
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { bodyOf, json } from '../loopback.ts'
import type { Answer } from '../loopback.ts'
import { notFound, OutsideOfDescription, Refusal } from './refusal.ts'
import type { Call, Limits, Made, Route } from './route.ts'
import { accountRoutes, limitShape } from './routes/account.ts'
import { checkRoutes } from './routes/checks.ts'
import { deploymentRoutes } from './routes/deployments.ts'
import { gitRoutes } from './routes/git.ts'
import { issueRoutes } from './routes/issues.ts'
import { pullRoutes } from './routes/pulls.ts'
import { repositoryRoutes } from './routes/repository.ts'
import { demand, type Asker } from './rules.ts'
import type { State, TokenRights } from './state.ts'

export interface ApiOptions {
  state: State
  /** Where the pages are. */
  html: string
  tokens: Readonly<Record<string, TokenRights>> | undefined
  requestLimit: number
  treeEntries: number
}

const all = [
  ...accountRoutes,
  ...repositoryRoutes,
  ...gitRoutes,
  ...pullRoutes,
  ...issueRoutes,
  ...checkRoutes,
  ...deploymentRoutes,
]
const routes = new Map<string, Route>(all.map(entry => [entry.route, entry]))

/** What is no answer of GitHub's is a 500, and is kept among the `violations`. */
export function createApi({ state, html, tokens, requestLimit, treeEntries }: ApiOptions) {
  const limits: Limits = { clock: state.clock, requests: requestLimit, used: 0, treeEntries }
  const violations: string[] = []

  async function work(request: IncomingMessage, url: URL, bytes: Buffer): Promise<Made> {
    const { method = 'GET' } = request
    if (request.headers['user-agent'] === undefined)
      throw new Refusal(403, 'Request forbidden by administrative rules: it has no User-Agent header.')
    const asker = askerOf(request, tokens)
    if (++limits.used > limits.requests) {
      const message = `API rate limit exceeded for ${asker.login}.`
      // GraphQL calls this a success.
      if (url.pathname === '/api/graphql')
        return { status: 200, body: { errors: [{ type: 'RATE_LIMITED', message }] } }
      throw new Refusal(403, message)
    }
    const body = bytes.length === 0 ? undefined : parsed(bytes)
    const call = { state, asker, url, limits, places: { api: `${url.origin}/api/v3`, html } }
    if (url.pathname === '/api/graphql') {
      if (asker.login === '') throw needsToken()
      const { answerGraphql } = await import('./graphql.ts')
      return { status: 200, body: await answerGraphql(body, { ...call, parameters: {} }) }
    }

    // Large, and not for those who only want the other servers of this package.
    const { description } = await import('./description.ts')
    const path = /^\/api\/v3(\/.*)$/.exec(url.pathname)?.[1]
    const operation = path === undefined ? undefined : description()(method, path)
    if (operation === undefined) throw new OutsideOfDescription('GitHub has no such operation.')
    const wrong = operation.refuseRequest(url.searchParams, body)
    if (wrong.length > 0) throw new OutsideOfDescription(`the request: ${wrong.join('; ')}`)
    const route = routes.get(operation.route)
    if (route === undefined) throw new OutsideOfDescription(`${operation.route} is not built here.`)

    const { parameters } = operation
    const made = await answerOf(route, { ...call, parameters, body }).catch(refused)
    const broken = operation.refuseAnswer(made.status, made.body)
    if (broken.length > 0) throw new OutsideOfDescription(`our own ${made.status}: ${broken.join('; ')}`)
    return made
  }

  async function answerOf({ needs, answer }: Route, call: Omit<Call<unknown>, 'repository'>): Promise<Made> {
    const { owner, repo } = call.parameters
    const repository = owner === undefined || repo === undefined ? undefined : state.find(owner, repo)
    const { login } = call.asker
    const isHidden = repository?.settings.private === true && login === ''
    if (owner !== undefined && (repository === undefined || isHidden)) throw notFound()
    if (needs !== undefined) {
      if (login === '') throw needsToken()
      demand(call.asker, needs)
    }
    // Routes without a repository do not ask for one, and the body is as the description says by now.
    return answer({ ...call, repository } as never) // oxlint-disable-line no-unsafe-type-assertion -- see above
  }

  // One write after the other, as GitHub locks what it changes; only git can come between them.
  let lastWrite: Promise<unknown> = Promise.resolve()
  const running = new Set<Promise<unknown>>()

  const answer = async (request: IncomingMessage, url: URL): Promise<Answer> => {
    // Whole before its turn comes: who goes away in the middle has asked for nothing, and holds up nobody.
    const bytes = await bodyOf(request)
    const start = request.method === 'GET' ? Promise.resolve() : lastWrite
    const working = start.then(() => work(request, url, bytes))
    if (request.method !== 'GET') lastWrite = working.catch(() => undefined)
    running.add(working)
    const made = await working.catch(refused).catch((error: unknown): Made => {
      const what = error instanceof OutsideOfDescription || !(error instanceof Error) ? error : error.stack
      violations.push(`${request.method} ${request.url}: ${String(what)}`)
      return { status: 500, body: { message: violations.at(-1) } }
    })
    running.delete(working)
    return finished(request, made, limits)
  }
  /** Nothing is being done any more. */
  const idle = () => Promise.allSettled(running)
  return { violations, answer, idle }
}

function refused(error: unknown): Made {
  if (!(error instanceof Refusal)) throw error
  return { status: error.status, body: error.body, headers: error.headers }
}

const needsToken = () => new Refusal(401, 'Requires authentication')

/** With the headers that all answers have; a client that knows the answer gets none of it, and pays nothing. */
function finished(request: IncomingMessage, { status, body, headers = {} }: Made, limits: Limits): Answer {
  const hash = createHash('sha256').update(JSON.stringify(body) ?? '')
  const etag = `W/"${hash.digest('hex')}"`
  const isKnown = request.method === 'GET' && status === 200 && request.headers['if-none-match'] === etag
  if (isKnown) limits.used--
  const { limit, remaining, used, reset } = limitShape(limits)
  const whole = {
    'content-type': 'application/json; charset=utf-8',
    'x-github-media-type': 'github.v3; format=json',
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(reset),
    ...(request.method === 'GET' && status === 200 ? { etag } : {}),
    ...headers,
  }
  if (isKnown) return { status: 304, headers: whole }
  return body === undefined ? { status, headers: whole } : json(status, body, whole)
}

/** Without any known tokens whoever asks is the run's own; without a token in the request nobody, with an empty login. */
function askerOf({ headers }: IncomingMessage, tokens: ApiOptions['tokens']): Asker {
  const login = 'github-actions[bot]'
  if (tokens === undefined) return { login }
  const [, token] = /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? '') ?? []
  if (token === undefined) return { login: '' }
  const rights = Object.entries(tokens).find(([name]) => name === token)?.[1]
  if (rights === undefined) throw new Refusal(401, 'Bad credentials')
  return { login, ...rights }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new OutsideOfDescription('the body is no JSON.')
  }
}
