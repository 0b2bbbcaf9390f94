// `git http-backend`, the server side of git's own smart HTTP, as a CGI program: one process a request.
import { spawn } from 'node:child_process'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { Answer } from '../loopback.ts'
import { gitEnvironment } from './git.ts'

export interface CgiRequest {
  request: IncomingMessage
  /** Directory with the bare repositories. */
  root: string
  /** `/<repository>.git/<service>`. */
  path: string
  /** With `?`, or empty. */
  query: string
  /** Who pushes; git needs a name before it takes a push. */
  user: string
}

/**
 * Answers one request as soon as the program has written its header (RFC 3875, section 6). Bodies are handed on as they
 * are: chunked ones have no length, compressed ones are unpacked by git. What git has received it processes, even when
 * the client has gone.
 */
export async function httpBackend({ request, root, path, query, user }: CgiRequest): Promise<Answer> {
  const child = spawn('git', ['http-backend'], {
    env: {
      ...gitEnvironment,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GATEWAY_INTERFACE: 'CGI/1.1',
      SERVER_PROTOCOL: 'HTTP/1.1',
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_USER: user,
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: path,
      QUERY_STRING: query.replace(/^\?/, ''),
      ...variable('CONTENT_TYPE', request.headers['content-type']),
      ...variable('CONTENT_LENGTH', request.headers['content-length']),
      ...variable('HTTP_CONTENT_ENCODING', request.headers['content-encoding']),
      ...variable('HTTP_GIT_PROTOCOL', request.headers['git-protocol']?.toString()),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  request.pipe(child.stdin)
  // A body that was cut is an early end for git, which then refuses the push.
  request.on('close', () => child.stdin.end())
  return withHeader(child.stdout)
}

async function withHeader(output: Readable): Promise<Answer> {
  let seen = Buffer.alloc(0)
  for (;;) {
    const chunk = await nextChunk(output)
    if (chunk === undefined) throw new Error(`git http-backend wrote no header: ${seen.toString()}`)
    seen = Buffer.concat([seen, chunk])
    const end = seen.indexOf('\r\n\r\n')
    if (end < 0) continue
    output.unshift(seen.subarray(end + 4))
    const lines = seen.subarray(0, end).toString()
    const headers: Record<string, string> = {}
    for (const [, name = '', value = ''] of lines.matchAll(/^([^:\n]+): *(.*?)\r?$/gm)) headers[name] = value
    const { Status: status = '200', ...rest } = headers
    return { status: Number.parseInt(status, 10), headers: rest, body: output }
  }
}

/** The next piece of a stream that somebody else goes on reading. */
async function nextChunk(stream: Readable): Promise<Buffer | undefined> {
  for (;;) {
    const chunk: Buffer | null = stream.read()
    if (chunk !== null) return chunk
    if (stream.readableEnded) return undefined
    await new Promise<void>(resume => {
      const go = () => {
        stream.off('readable', go).off('end', go)
        resume()
      }
      stream.on('readable', go).on('end', go)
    })
  }
}

function variable(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value }
}
