// An HTTP server on 127.0.0.1 that logs what it was asked and runs into faults on demand; every server here stands on it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createFaults } from './faults.ts'
import type { Fault } from './faults.ts'

/** One request as it came, and how it ended. */
export interface LoggedRequest {
  method: string
  /** With its query. */
  path: string
  authorization?: string
  /** 0 while there is no answer, and for ever when the connection was cut instead. */
  status: number
  /** Bytes on the wire with headers, set at the end of the request. */
  received: number
  sent: number
}

export interface Answer {
  status: number
  headers?: Readonly<Record<string, string | string[]>>
  /** A stream is sent as it comes. */
  body?: string | Uint8Array | Readable
}

export interface Loopback extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string
  /** `http://127.0.0.1:<port>`, or `https:` with `tls`. */
  readonly url: string
  readonly requests: LoggedRequest[]
  readonly fail: (fault: Fault) => void
}

/**
 * Starts a server on a free port of 127.0.0.1; disposing cuts every open connection. An `answer` that throws is a 500.
 * @param tls speaks https with these
 */
export async function loopback(
  answer: (request: IncomingMessage, url: URL) => Promise<Answer>,
  tls?: ServerOptions,
): Promise<Loopback> {
  const faults = createFaults()
  const requests: LoggedRequest[] = []
  const counted = new WeakMap<Socket, { read: number; written: number }>()

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const { method = 'GET', url: path = '/' } = request
    const { authorization } = request.headers
    const entry: LoggedRequest = { method, path, status: 0, received: 0, sent: 0 }
    if (authorization !== undefined) entry.authorization = authorization
    requests.push(entry)
    const { socket } = request
    response.on('close', () => {
      const before = counted.get(socket) ?? { read: 0, written: 0 }
      const now = { read: socket.bytesRead, written: socket.bytesWritten }
      entry.received = now.read - before.read
      entry.sent = now.written - before.written
      counted.set(socket, now)
    })

    const fault = faults.next(method, path)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'reset' || fault?.kind === 'cut-body') {
      if (fault.kind === 'cut-body') await once(request, 'readable')
      socket.destroy()
      return
    }
    if (fault?.kind === 'delay') await delay(fault.milliseconds ?? 0)
    if (fault?.kind === 'meanwhile') await fault.act?.()
    const made = fault?.kind === 'status' ? refusal(fault) : await answer(request, new URL(path, url))
    if (fault !== undefined && cuts.has(fault.kind)) {
      await cutShort(response, made, fault)
      return
    }
    entry.status = made.status
    await send(response, made)
    // What nobody read must not block the next request on this connection.
    request.resume()
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent || request.socket.destroyed) {
        request.socket.destroy()
        return
      }
      const text = error instanceof Error ? error.stack : String(error)
      response.writeHead(500, { 'content-type': 'text/plain' }).end(text)
    })
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((ready, failed) => server.once('error', failed).listen(0, '127.0.0.1', ready))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const url = `${tls === undefined ? 'http' : 'https'}://${host}`
  return {
    host,
    url,
    requests,
    fail: fault => faults.add(fault),
    async [Symbol.asyncDispose]() {
      const closed = new Promise(done => server.close(done))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Reads a request's body to its end. */
export function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return buffer(request)
}

/** A JSON answer. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

async function send(response: ServerResponse, made: Answer) {
  const { status, body } = made
  const given = made.headers
  if (body instanceof Readable) {
    response.writeHead(status, given)
    response.flushHeaders()
    // A client that goes away in the middle is its own affair.
    await pipeline(body, response).catch(() => response.destroy())
    return
  }
  const bytes = Buffer.from(body ?? '')
  const length =
    response.req.method === 'HEAD' || status === 204 ? {} : { 'content-length': String(bytes.length) }
  response.writeHead(status, { ...length, ...given }).end(response.req.method === 'HEAD' ? undefined : bytes)
}

const cuts = new Set<Fault['kind']>(['drop-answer', 'drop-connection', 'truncate'])

/** Lets all of it happen, and the client hear little or nothing of it. */
async function cutShort(response: ServerResponse, made: Answer, { kind, milliseconds }: Fault) {
  if (kind === 'truncate' && milliseconds !== undefined && made.body instanceof Readable) {
    const cut = setTimeout(() => response.destroy(), milliseconds)
    await send(response, made).finally(() => clearTimeout(cut))
    return
  }
  if (kind === 'drop-answer' && made.body instanceof Readable)
    response.writeHead(made.status, made.headers).flushHeaders()
  const body = await whole(made.body)
  if (kind === 'truncate') {
    response.writeHead(made.status, { ...made.headers, 'content-length': String(body.length) })
    await new Promise(written => response.write(body.subarray(0, body.length >> 1), written))
  }
  response.destroy()
}

function refusal({ status = 503, headers = {}, body }: Fault): Answer {
  return {
    status,
    headers: { 'content-type': 'text/plain', ...headers },
    body: body ?? `fault on demand: ${status}\n`,
  }
}

async function whole(body: Answer['body']): Promise<Buffer> {
  return body instanceof Readable ? buffer(body) : Buffer.from(body ?? '')
}
