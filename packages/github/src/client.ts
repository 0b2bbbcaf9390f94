// The client: octokit for routes and headers, our own door for the way out, our own errors for what comes back.
import type { Http } from '@gitops-relay/http'
import { systemClock, type Clock, type Random } from '@gitops-relay/http/clock'
import { answerOf, type Answer } from './answer.ts'
import { apiError, oneLine, type Refusal } from './api-error.ts'
import { createDoor, type Fetch } from './door.ts'
import type { GitHub, Parameters } from './types.ts'

export interface GitHubOptions {
  /** Such as https://api.github.com */
  apiUrl: string
  graphqlUrl: string
  token: string
  /** The input that the token comes from, for sentences; default `token`. */
  input?: string
  http: Http
  clock?: Clock
  random?: Random
  /** Milliseconds since the epoch: no limit of GitHub's is waited out beyond it. */
  deadline?: number
  /** What happens, as a line for a person. */
  say?: (line: string) => void
}

/** As much of octokit as is used. */
type Request = (
  parameters: Parameters,
) => Promise<{ status: number; headers: Record<string, unknown>; data: unknown }>

/** Pages of one list, at most: a server that always knows a next one would never end. */
const PAGES = 100

export function createGitHub(options: GitHubOptions): GitHub {
  const { apiUrl, graphqlUrl, token, input = 'token', clock = systemClock, random = Math.random } = options
  const { http, deadline = Infinity, say = () => {} } = options
  const origins = [new URL(apiUrl).origin, new URL(graphqlUrl).origin]
  const door = createDoor({ http, clock, random, deadline, origins, say })
  let octokit: Promise<Request> | undefined

  /** One request; whatever is no success is thrown. */
  async function send(
    parameters: Parameters,
    fetch: Fetch,
    to: string,
  ): Promise<{ answer: Answer; hasNext: boolean; header: Refusal['header'] }> {
    const request = await (octokit ??= load(apiUrl, token))
    try {
      const { status, headers, data } = await request({ ...parameters, request: { fetch, log } })
      const header = (name: string) => textOf(headers[name])
      if (status < 200 || status >= 300) throw apiError({ status, said: '', header, to, input })
      return {
        answer: answerOf(data, `answer to "${to}"`),
        hasNext: /;\s*rel="next"/.test(header('link')),
        header,
      }
    } catch (error) {
      throw translated(error, { to, input })
    }
  }

  return {
    async rest(route, parameters, { to, signal, repeat = repeatOf(route) }) {
      const [method, url] = route.split(' ')
      const { answer } = await send({ ...parameters, method, url }, door({ repeat, signal }), to)
      return answer
    },

    async *list(route, parameters, { to, signal, repeat = repeatOf(route) }, key) {
      const [method, url] = route.split(' ')
      const fetch = door({ repeat, signal })
      // Counted by ourselves: the address of the next page, as the server names it, has no power.
      for (let page = 1; page <= PAGES; page++) {
        const { answer, hasNext } = await send({ per_page: 100, ...parameters, page, method, url }, fetch, to)
        yield* (key === undefined ? answer : answer.at(key)).list()
        if (!hasNext) return
      }
    },

    async graphql(query, variables, { to, signal, repeat }) {
      const isMutation = /^\s*mutation\b/.test(query)
      const fetch = door({ repeat: repeat ?? (isMutation ? 'once' : 'repeat'), signal })
      const { answer, header } = await send({ method: 'POST', url: graphqlUrl, query, variables }, fetch, to)
      const errors = answer.at('errors')
      if (!errors.exists()) return answer.at('data')
      const said = oneLine(
        errors
          .list()
          .map(error => textOf(error.at('message').value))
          .join('; '),
      )
      const types = errors.list().map(error => textOf(error.at('type').value))
      throw apiError({ status: 200, said, types, header, to, input })
    },
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

const repeatOf = (route: string) => (route.startsWith('GET ') ? 'repeat' : 'once')

/** Octokit prints what a server says about deprecation, unescaped. */
const log = { debug: silent, info: silent, warn: silent, error: silent }

function silent(): void {}

/** Loaded at the first request: most runs of an action never make one, and octokit costs more than all the rest of them. */
async function load(apiUrl: string, token: string): Promise<Request> {
  const { getOctokit } = await import('@actions/github')
  const { request } = getOctokit(token, {
    baseUrl: apiUrl.replace(/\/$/, ''),
    log,
    userAgent: 'gitops-relay',
  })
  return parameters => request(parameters as Parameters & { method: 'GET'; url: string }) // oxlint-disable-line no-unsafe-type-assertion -- our routes are texts
}

/** What octokit throws: its own error for an answer, or around what our door has thrown. */
function translated(error: unknown, asked: Pick<Refusal, 'to' | 'input'>): unknown {
  const thrown = answerOf(error, 'error')
  if (!(error instanceof Error) || error.name !== 'HttpError' || !('request' in error)) return error
  const response = thrown.at('response')
  if (!response.exists()) return error.cause ?? error
  const data = response.at('data')
  const details = data.at('errors')
  const said = [
    data.at('message'),
    ...(Array.isArray(details.value) ? details.list().map(detail => detail.at('message')) : []),
  ]
    .flatMap(({ value }) => (typeof value === 'string' ? [value] : []))
    .join(': ')
  return apiError({
    ...asked,
    status: Number(thrown.at('status').value),
    said: oneLine(said),
    header: name => textOf(response.at('headers', name).value),
  })
}
