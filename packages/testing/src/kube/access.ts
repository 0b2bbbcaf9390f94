// Who asks, and what he may do: bearer tokens, client certificates, and rules like RBAC's.
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Attributes } from './status.ts'

export interface KubeUser {
  user: string
  groups?: readonly string[]
}

/** Grants; what no rule grants is forbidden. Missing fields match everything. */
export interface KubeRule {
  /** A user or a group. */
  subject?: string
  verbs: readonly string[]
  /** API groups; the core group is empty. */
  groups?: readonly string[]
  /** Plural, with any subresource: `pods/status`. */
  resources?: readonly string[]
  /** Missing: the whole cluster. */
  namespaces?: readonly string[]
  names?: readonly string[]
}

/** Tokens by their text; `until` in milliseconds since the epoch. */
export type Tokens = Map<string, KubeUser & { until?: number }>

/** Undefined: 401. As the server has it, nobody at all is `system:anonymous`, and a wrong token is nobody welcome. */
export function authenticate(request: IncomingMessage, tokens: Tokens, now: number): KubeUser | undefined {
  const { socket } = request
  if (socket instanceof TLSSocket && socket.authorized) {
    const { CN, O } = socket.getPeerCertificate().subject
    return { user: [CN].flat().join(), groups: [O ?? []].flat().concat('system:authenticated') }
  }
  const { authorization } = request.headers
  if (authorization === undefined) return { user: 'system:anonymous', groups: ['system:unauthenticated'] }
  const [, token = ''] = /^Bearer (.+)$/i.exec(authorization) ?? []
  const known = tokens.get(token)
  if (known === undefined || now >= (known.until ?? Infinity)) return undefined
  return { user: known.user, groups: [...(known.groups ?? []), 'system:authenticated'] }
}

export function isAllowed(
  { user, groups = [] }: KubeUser,
  wanted: Attributes,
  rules: readonly KubeRule[],
): boolean {
  return rules.some(
    rule =>
      (rule.subject === undefined || [user, ...groups].includes(rule.subject)) &&
      holds(rule.verbs, wanted.verb) &&
      holds(rule.groups, wanted.group) &&
      holds(rule.resources, wanted.resource) &&
      holds(rule.namespaces, wanted.namespace) &&
      holds(rule.names, wanted.name),
  )
}

const holds = (list: readonly string[] | undefined, value: string | undefined) =>
  list === undefined || list.includes('*') || (value !== undefined && list.includes(value))
