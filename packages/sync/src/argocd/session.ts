// Who we are to Argo CD: an API token, or a session by user name and password that is renewed when it runs out.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError, type Http } from '@gitops-relay/http'
import { object, text } from '../fields.ts'

export type Credentials = { token: string } | { username: string; password: string }

export interface Session {
  /** The token; logs in where there is none yet. */
  token(signal?: AbortSignal): Promise<string>
  /** Forgets a token that was refused; false when there is no way to get another. */
  renew(): boolean
}

/** @param mask hears of each token before it is used */
export function openSession(
  http: Http,
  server: URL,
  credentials: Credentials,
  mask: (secret: string) => void,
): Session {
  if ('token' in credentials) return { token: () => Promise.resolve(credentials.token), renew: () => false }
  let login: Promise<string> | undefined
  return {
    token: async signal => {
      login ??= logIn(http, server, credentials, mask, signal)
      try {
        return await login
      } catch (error) {
        // What failed for a moment may be tried again.
        login = undefined
        throw error
      }
    },
    renew: () => {
      login = undefined
      return true
    },
  }
}

async function logIn(
  http: Http,
  server: URL,
  credentials: { username: string; password: string },
  mask: (secret: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const response = await http.send({
    method: 'POST',
    url: new URL('api/v1/session', server),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
    repeat: 'repeat',
    ...(signal ? { signal } : {}),
  })
  if (response.status !== 200) {
    const { message } = object(await response.json().catch(() => ({})))
    if (response.status >= 500 || response.status === 429)
      throw new HttpError('status', `Argo CD answers the login with ${response.status}.`, response)
    throw new UserError(
      'argocd-login',
      `Argo CD at ${server.host} refuses the login of "argocd-username" (${response.status}${message ? `: ${text(message)}` : ''}).`,
      'Check "argocd-username" and "argocd-password", or give "argocd-token".',
    )
  }
  const token = text(object(await response.json())['token'])
  mask(token)
  return token
}
