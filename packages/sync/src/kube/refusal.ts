// What an answer without success means: a thing to mend for the user, or a fault that may pass.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError, type HttpResponse } from '@gitops-relay/http'
import { object, text, type Fields } from '../fields.ts'
import type { Connection } from './connection.ts'
import { titleOf, type Place, type Resource } from './resource.ts'

export interface Asked {
  /** As RBAC calls it. */
  readonly verb: 'get' | 'list' | 'watch' | 'patch' | 'create'
  readonly resource: Resource
  readonly place: Place
}

/**
 * UserError `kube-unauthorized`, `kube-forbidden`, `kube-not-installed` (the server has no such resource at all);
 * HttpError `not-found` (no such object), `gone` (the state that was asked for is too old) or `status`.
 * @param over since when the credentials are, where that is known
 */
export async function refusal(
  response: HttpResponse,
  asked: Asked,
  { name, server }: Connection,
  over: string,
): Promise<Error> {
  const { status, url } = response
  const { message, details, reason } = object(parse(await response.text().catch(() => '')))
  const said = text(message) === '' ? '' : `: ${text(message).replace(/\.$/, '')}`
  const { resource, place, verb } = asked
  const title = titleOf(resource)
  if (status === 401)
    return new UserError(
      'kube-unauthorized',
      `The Kubernetes API server at ${server.host} does not accept the credentials of ${name}${over === '' ? said : `: ${over}`}.`,
      'Give credentials that are valid for as long as the job runs, or ones that are renewed ("exec", a token file).',
    )
  if (status === 403)
    return new UserError(
      'kube-forbidden',
      `The Kubernetes API server at ${server.host} forbids it${said}.`,
      `Allow it by RBAC: verb "${verb}" on "${title}${place.subresource ? `/${place.subresource}` : ''}" ${place.namespace === undefined ? 'in the whole cluster' : `in the namespace "${place.namespace}"`}.`,
    )
  // Which object is missing is said of objects alone.
  if (status === 404 && text(object(details)['name']) === '')
    return new UserError(
      'kube-not-installed',
      `The Kubernetes API server at ${server.host} has no "${title}" in version ${resource.version}.`,
      'Check that its custom resources are installed in this cluster, and that the context is the right one.',
    )
  const code = status === 404 ? 'not-found' : isExpired(status, text(reason)) ? 'gone' : 'status'
  return new HttpError(code, `The Kubernetes API server answers ${status}${said}.`, { url, status })
}

export const isExpired = (status: unknown, reason: string): boolean =>
  status === 410 || reason === 'Expired' || reason === 'Gone'

export const isGone = (error: unknown): boolean => error instanceof HttpError && error.code === 'gone'

/** What no waiting mends about a connection is the user's to mend. */
export function unreachable(error: unknown, { name, server }: Connection): unknown {
  if (!(error instanceof HttpError) || error.code !== 'tls') return error
  return new UserError(
    'kube-tls',
    `The Kubernetes API server at ${server.host} cannot be trusted: ${error.message}`,
    `Check the authority and the server's name in ${name}.`,
    { cause: error },
  )
}

function parse(body: string): Fields {
  try {
    return object(JSON.parse(body))
  } catch {
    return {}
  }
}
