// Who may do what: none, Basic, or Bearer with a token endpoint that grants the scopes a user has and no more.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { bodyOf, json } from '../loopback.ts'
import type { Answer } from '../loopback.ts'
import { refusal } from './refusal.ts'

export type Right = 'pull' | 'push'

export interface AuthorizationOptions {
  auth: 'none' | 'basic' | 'bearer'
  username: string
  password: string
  /** Seconds that a token lives. */
  tokenLifetime: number
  /** Everybody may pull. */
  anonymousPull: boolean
  /** What the user may do there; default both. */
  rights: (repository: string) => readonly Right[]
}

export interface Authorization {
  /** The refusal, or `undefined` when the request may pass. `repository` is empty for the ping. */
  refuse(request: IncomingMessage, repository: string, right: Right): Answer | undefined
  /** The token endpoint. */
  token(request: IncomingMessage, url: URL): Promise<Answer>
  /** No token given until now is taken any more. */
  expireTokens(): void
}

export function createAuthorization(options: AuthorizationOptions, origin: () => string): Authorization {
  const tokens = new Map<string, { expires: number; scopes: Map<string, Set<string>> }>()
  const isUser = (name: string | undefined, password: string | undefined) =>
    name === options.username && password === options.password
  const everybody = (repository: string): readonly Right[] =>
    options.anonymousPull && repository !== '' ? ['pull'] : []

  const challenge = (repository: string, right: Right, error?: string) => {
    const scope =
      repository === '' ? '' : `,scope="repository:${repository}:${right === 'push' ? 'pull,push' : 'pull'}"`
    const reason = error === undefined ? '' : `,error="${error}"`
    const value =
      options.auth === 'basic'
        ? 'Basic realm="test registry"'
        : `Bearer realm="${origin()}/token",service="test registry"${scope}${reason}`
    return refusal('UNAUTHORIZED', 'authentication required', { 'www-authenticate': value })
  }

  return {
    refuse(request, repository, right) {
      if (options.auth === 'none' || everybody(repository).includes(right)) return undefined
      const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ')
      if (options.auth === 'basic') {
        const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? []
        if (scheme.toLowerCase() !== 'basic' || !isUser(name, password)) return challenge(repository, right)
        if (repository === '' || options.rights(repository).includes(right)) return undefined
        return refusal('DENIED', `requested access to ${repository} is denied`)
      }
      if (scheme.toLowerCase() !== 'bearer') return challenge(repository, right)
      const token = tokens.get(value)
      if (token === undefined || token.expires <= Date.now())
        return challenge(repository, right, 'invalid_token')
      if (repository === '' || token.scopes.get(repository)?.has(right)) return undefined
      return challenge(repository, right, 'insufficient_scope')
    },

    async token(request, url) {
      const form = new URLSearchParams(
        request.method === 'POST' ? (await bodyOf(request)).toString() : url.search,
      )
      const basic = Buffer.from(
        (request.headers.authorization ?? '').replace(/^basic /i, ''),
        'base64',
      ).toString()
      const [, name, password] = /^([^:]*):(.*)$/s.exec(basic) ?? [
        undefined,
        form.get('username'),
        form.get('password'),
      ]
      const known =
        isUser(name ?? undefined, password ?? undefined) || form.get('refresh_token') === options.password
      const anonymous = basic === '' && request.method === 'GET'
      if (!known && !anonymous) return refusal('UNAUTHORIZED', 'incorrect username or password')
      const scopes = new Map<string, Set<string>>()
      for (const scope of form.getAll('scope').flatMap(text => text.split(' '))) {
        const [, repository = '', wanted = ''] = /^repository:([^:]+):(.+)$/.exec(scope) ?? []
        const granted: readonly string[] = known ? options.rights(repository) : everybody(repository)
        const held = scopes.get(repository) ?? new Set()
        for (const action of wanted.split(',')) if (granted.includes(action)) held.add(action)
        scopes.set(repository, held)
      }
      const token = `token.${randomBytes(24).toString('base64url')}`
      tokens.set(token, { expires: Date.now() + options.tokenLifetime * 1000, scopes })
      return json(200, {
        token,
        access_token: token,
        expires_in: options.tokenLifetime,
        issued_at: new Date().toISOString(),
      })
    },

    expireTokens: () => tokens.clear(),
  }
}
