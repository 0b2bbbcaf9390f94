// How a registry wants to know us: not at all, by Basic, or by a token for certain scopes.
import { HttpError, type Http, type HttpRequest, type HttpResponse } from '@gitops-relay/http'
import { parseChallenges } from './challenge.ts'
import { missingScopes, withScopes } from './scope.ts'
import { realmOf } from './realm.ts'
import { onceMore } from './torn.ts'

export interface Credential {
  /** `<token>`: the password is an identity token, which only the token server takes. */
  username: string
  password: string
  /** The one host that may see it, where a registry's word is not enough to send it elsewhere. */
  onlyHost?: string
}

export interface Authorized {
  /**
   * Sends a request, answering the registry's challenge; a 401 that says that rights are lacking, or the third, is given
   * back.
   * A request to another origin goes without any credential.
   * @param scopes such as `repository:acme/shop:pull,push`
   */
  send: (request: HttpRequest, scopes: readonly string[]) => Promise<HttpResponse>
}

export interface AuthorizeOptions {
  http: Http
  /** Origin of the registry. */
  registry: URL
  credential: Credential | undefined
  mask: (secret: string) => void
  signal: AbortSignal
}

/** Tokens run out in the middle of a push, and some registries refuse a good one now and then. */
const REFRESHES = 2
const LARGEST_ANSWER = 64 * 1024

/** A credential goes to the registry, and to the token server that the registry names; never anywhere else. */
export function authorize({ http, registry, credential, mask, signal }: AuthorizeOptions): Authorized {
  let header: string | undefined
  /** Where tokens are, once the registry has said so. */
  let bearer: ReadonlyMap<string, string> | undefined
  /** What the token is asked for. */
  let held: readonly string[] = []
  const denied = new Set<string>()

  async function answer(response: HttpResponse, scopes: readonly string[]): Promise<string | undefined> {
    const challenges = parseChallenges(response.headers.get('www-authenticate') ?? '')
    bearer = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters
    if (bearer === undefined)
      return challenges.some(({ scheme }) => scheme === 'basic') ? basicOf(credential) : undefined
    const named = bearer.get('scope')?.split(' ') ?? []
    return fetchToken(bearer, withScopes(withScopes(held, scopes), named))
  }

  /** Undefined: the token server does not know us, or gives us nothing. */
  async function fetchToken(
    challenge: ReadonlyMap<string, string>,
    scopes: readonly string[],
  ): Promise<string | undefined> {
    const realm = realmOf(challenge.get('realm'), registry)
    const isOurs = credential?.onlyHost === undefined || credential.onlyHost === realm.host
    const service = challenge.get('service')
    const request = tokenRequest(realm, service, scopes, isOurs ? credential : undefined)
    const body = await onceMore(() => tokenAnswer(request))
    if (body === undefined) return undefined
    const token: unknown = body.get('token') || body.get('access_token')
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
      throw new HttpError('status', 'The token server gave no token.', { url: realm })
    mask(token)
    held = scopes
    return `Bearer ${token}`
  }

  async function tokenAnswer(request: HttpRequest): Promise<Map<string, unknown> | undefined> {
    const answered = await http.send({ ...request, redirects: 0, signal })
    if (answered.status === 200) return new Map(Object.entries((await answered.json(LARGEST_ANSWER)) ?? {}))
    await answered.discard()
    if (answered.status >= 400 && answered.status < 500 && answered.status !== 429) return undefined
    throw new HttpError('status', `The token server answered ${answered.status}.`, { url: request.url })
  }

  /** A registry may pass over in silence what a token does not cover, so more is asked for beforehand. */
  async function grow(scopes: readonly string[]): Promise<void> {
    const missing = missingScopes(held, scopes).filter(scope => !denied.has(scope))
    if (bearer === undefined || missing.length === 0) return
    const grown = await fetchToken(bearer, withScopes(held, missing))
    if (grown === undefined) for (const scope of missing) denied.add(scope)
    else header = grown
  }

  let turn: Promise<unknown> = Promise.resolve()
  /** One after the other: requests that run beside each other need one token, not one each. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = turn.then(act)
    turn = mine.catch(() => {})
    return mine
  }

  return {
    async send(request, scopes) {
      if (new URL(request.url).origin !== registry.origin) return http.send(request)
      if (missingScopes(held, scopes).length > 0) await inTurn(() => grow(scopes))
      for (let refreshes = 0; ; refreshes++) {
        const sent = header
        const response = await http.send(withHeader(request, sent))
        // Where a redirect led to another host, that host's challenge is not ours to answer.
        if (response.status !== 401 || new URL(response.url).origin !== registry.origin) return response
        if (refreshes === REFRESHES || (refreshes > 0 && lacksRights(response))) return response
        const wanted = scopes.filter(scope => !denied.has(scope))
        const fresh = await inTurn(async () => (header === sent ? answer(response, wanted) : header))
        if (fresh === undefined || fresh === sent) return response
        await response.discard()
        header = fresh
      }
    },
  }
}

/** Token servers give what rights there are, with status 200; that they are too few is said only then. */
const lacksRights = (response: HttpResponse) =>
  parseChallenges(response.headers.get('www-authenticate') ?? '').some(
    ({ parameters }) => parameters.get('error') === 'insufficient_scope',
  )

/** By GET with Basic, or for an identity token by POST, as Docker's token specification has both. */
function tokenRequest(
  realm: URL,
  service: string | undefined,
  scopes: readonly string[],
  credential: Credential | undefined,
): HttpRequest {
  const query = new URLSearchParams(service === undefined ? {} : { service })
  if (credential?.username === '<token>') {
    query.set('grant_type', 'refresh_token')
    query.set('client_id', 'gitops-relay')
    query.set('scope', scopes.join(' '))
    query.set('refresh_token', credential.password)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return { method: 'POST', url: realm, headers, body: query.toString(), repeat: 'repeat' }
  }
  const url = new URL(realm)
  for (const [name, value] of query) url.searchParams.set(name, value)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  const authorization = basicOf(credential)
  return { url, ...(authorization === undefined ? {} : { headers: { authorization } }) }
}

const basicOf = (credential: Credential | undefined) =>
  credential && `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`

const withHeader = (request: HttpRequest, authorization: string | undefined): HttpRequest =>
  authorization === undefined ? request : { ...request, headers: { ...request.headers, authorization } }
