// The body of a watch: a JSON document per line.
import { HttpError, readLines, type HttpResponse } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import { untilIdle } from '../argocd/idle.ts'
import { object, text } from '../fields.ts'
import { isExpired } from './refusal.ts'
import { tidy, type KubeObject } from './resource.ts'

export interface Change {
  /** A bookmark has nothing but a `resourceVersion`. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: KubeObject
}

/** Bookmarks come every minute or so, and etcd takes no object of more than 1.5 MiB. */
const SILENCE = 100_000
const LONGEST_LINE = 8 * 1024 * 1024

/**
 * Ends with the connection. Thrown: HttpError `gone` when the server has forgotten the state that was asked for, `idle`
 * when nothing came for long, `stream` for an error of the server and for a line that is not what a watch says.
 */
export async function* readChanges(response: HttpResponse, clock: Clock): AsyncGenerator<Change> {
  const { url } = response
  for await (const line of lines(response, clock)) {
    const document = object(parse(line))
    const item = object(document['object'])
    if (document['type'] === 'ERROR') {
      const [message, reason] = [text(item['message']), text(item['reason'])]
      const code = isExpired(item['code'], reason) ? 'gone' : 'stream'
      throw new HttpError(code, `The Kubernetes API server ended the watch: ${message || reason}`, { url })
    }
    const type = TYPES.find(name => name === document['type'])
    if (type === undefined)
      throw new HttpError('stream', 'A line of the watch was cut, or is none of Kubernetes.', { url })
    yield { type, object: tidy(item, text(item['kind']), text(item['apiVersion'])) }
  }
}

const TYPES: readonly Change['type'][] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']

async function* lines(response: HttpResponse, clock: Clock): AsyncGenerator<string> {
  const bytes = untilIdle(response.stream(), SILENCE, clock, response.url)
  try {
    for await (const line of readLines(bytes, LONGEST_LINE)) if (line !== '') yield line
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new HttpError('stream', `The watch broke off: ${error.message}`, {
      url: response.url,
      cause: error,
    })
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
