// One request to an API server as the user of a connection; renewed credentials are tried once.
import {
  createHttp,
  type Http,
  type HttpRequest,
  type HttpResponse,
  type TlsOptions,
} from '@gitops-relay/http'
import type { Connection } from './connection.ts'
import { openCredentials } from './credentials.ts'
import { overSince, type Identity } from './identity.ts'
import type { Machine } from './machine.ts'
import { refusal, unreachable, type Asked } from './refusal.ts'
import { pathOf } from './resource.ts'
import { readSource } from './source.ts'

export interface KubeRequest extends Asked {
  readonly method?: 'GET' | 'POST' | 'PATCH'
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  readonly contentType?: string
  readonly signal: AbortSignal
}

/** Only success (2xx) is an answer. Thrown: see `refusal`; UserError of the credentials and `kube-tls`, HttpError, the signal's reason. */
export type Send = (request: KubeRequest) => Promise<HttpResponse>

export function createSend(connection: Connection, machine: Machine): Send {
  const credentials = openCredentials(connection, machine)
  let open: { certificate: string; http: Http } | undefined

  async function httpFor({ certificate, key }: Identity): Promise<Http> {
    if (open?.certificate === certificate) return open.http
    const { env, clock, random } = machine
    const { proxy } = connection
    const tls = { ...(await tlsOf(connection)), ...(certificate === '' ? {} : { certificate, key }) }
    const http = createHttp({ env, clock, random, tls, ...(proxy === undefined ? {} : { proxy }) })
    open = { certificate, http }
    return http
  }

  async function attempt(request: HttpRequest, identity: Identity): Promise<HttpResponse> {
    const http = await httpFor(identity)
    const { authorization } = identity
    const headers = { ...request.headers, ...(authorization === '' ? {} : { authorization }) }
    try {
      return await http.send({ ...request, headers, redirects: 0 })
    } catch (error) {
      throw unreachable(error, connection)
    }
  }

  return async asked => {
    const request = requestFor(asked, connection)
    let identity = await credentials.current()
    let response = await attempt(request, identity)
    if (response.status === 401) {
      const other = await credentials.renew(identity)
      if (other !== undefined) {
        await response.discard()
        identity = other
        response = await attempt(request, other)
      }
    }
    if (response.status >= 200 && response.status < 300) return response
    throw await refusal(response, asked, connection, overSince(identity, machine.clock.now()))
  }
}

/** Every request may be repeated: reads, questions, and merge patches, which come to the same however often. */
function requestFor(asked: KubeRequest, { server }: Connection): HttpRequest {
  const {
    method = 'GET',
    resource,
    place,
    query = {},
    body,
    contentType = 'application/json',
    signal,
  } = asked
  const url = new URL(pathOf(resource, place), server)
  for (const [name, value] of Object.entries(query)) if (value !== '') url.searchParams.set(name, value)
  return {
    method,
    url,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    repeat: 'repeat',
    signal,
  }
}

async function tlsOf({ name, authorities, serverName, insecure }: Connection): Promise<TlsOptions> {
  return {
    ...(authorities && { authorities: await readSource(authorities, `the authority of ${name}`) }),
    ...(serverName === '' ? {} : { serverName }),
    ...(insecure ? { insecure } : {}),
  }
}
