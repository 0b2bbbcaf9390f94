// How a registry wants to know us: not at all, by Basic, or by a token for each scope.
import { HttpError, type Http, type HttpRequest, type HttpResponse } from '@gitops-relay/http'
import { parseChallenges } from './challenge.ts'

export interface Credential {
  username: string
  password: string
}

export interface Authorized {
  /** Sends a request of this registry, answering its challenge once. */
  send: (request: HttpRequest, scope: string) => Promise<HttpResponse>
}

/**
 * A credential goes to the registry, and to the token server that the registry names over https; never anywhere else.
 * A second 401 is given back: it is a lack of rights.
 */
export function authorize(
  http: Http,
  credential: Credential | undefined,
  mask: (secret: string) => void,
): Authorized {
  const headers = new Map<string, string>()
  const basic =
    credential && `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`

  async function answer(response: HttpResponse, scope: string): Promise<string | undefined> {
    const challenges = parseChallenges(response.headers.get('www-authenticate') ?? '')
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters
    if (bearer === undefined) return challenges.some(({ scheme }) => scheme === 'basic') ? basic : undefined
    const realm = new URL(bearer.get('realm') ?? '', response.url)
    if (realm.protocol === 'http:' && new URL(response.url).protocol === 'https:') {
      throw new HttpError('plain-http', 'The registry names a token server without TLS.', { url: realm })
    }
    const service = bearer.get('service')
    if (service !== undefined) realm.searchParams.set('service', service)
    for (const one of (bearer.get('scope') ?? scope).split(' ')) realm.searchParams.append('scope', one)
    const answered = await http.send({
      url: realm,
      redirects: 0,
      ...(basic === undefined ? {} : { headers: { authorization: basic } }),
    })
    if (answered.status !== 200) {
      await answered.discard()
      return undefined
    }
    const body = new Map(Object.entries((await answered.json(1_000_000)) ?? {}))
    const token: unknown = body.get('token') ?? body.get('access_token')
    if (typeof token !== 'string' || token === '')
      throw new HttpError('status', 'The token server gave no token.', { url: realm })
    mask(token)
    return `Bearer ${token}`
  }

  return {
    async send(request, scope) {
      const known = headers.get(scope)
      const first = await http.send(withHeader(request, known))
      if (first.status !== 401) return first
      const fresh = await answer(first, scope)
      if (fresh === undefined) return first
      await first.discard()
      headers.set(scope, fresh)
      return http.send(withHeader(request, fresh))
    },
  }
}

const withHeader = (request: HttpRequest, authorization: string | undefined): HttpRequest =>
  authorization === undefined ? request : { ...request, headers: { ...request.headers, authorization } }
