// Refusals as the API server writes them.
import { json, type Answer } from '../loopback.ts'
import { titleOf } from './kinds.ts'

export interface Attributes {
  verb: string
  group: string
  /** With any subresource: `pods/status`. */
  resource: string
  namespace?: string
  name?: string
}

interface More {
  details?: object
  metadata?: object
  headers?: Record<string, string>
}

export function statusObject(
  code: number,
  reason: string,
  message: string,
  { details, metadata = {} }: More = {},
) {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata,
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  }
}

export const refusal = (code: number, reason: string, message: string, more: More = {}): Answer =>
  json(code, statusObject(code, reason, message, more), more.headers)

export const unauthorized = () => refusal(401, 'Unauthorized', 'Unauthorized')

export function forbidden(user: string, { verb, group, resource, namespace, name }: Attributes): Answer {
  const [plural = ''] = resource.split('/')
  const subject = `${titleOf({ group, plural })}${name === undefined ? '' : ` ${JSON.stringify(name)}`}`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  return refusal(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
    {
      details: { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural },
    },
  )
}

export const notFound = (kind: { group: string; plural: string }, name: string) =>
  refusal(404, 'NotFound', `${titleOf(kind)} ${JSON.stringify(name)} not found`, {
    details: { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural },
  })

/** Of a path that nobody serves: no Status at all. */
export const noSuchPath = (): Answer => ({
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '404 page not found\n',
})

export const tooOld = (version: string, oldest: number) =>
  statusObject(410, 'Expired', `too old resource version: ${version} (${oldest})`)
