// The stream of applications: server-sent events where the server speaks them, a JSON document per line where not.
import { HttpError, readLines, readServerSentEvents, type HttpResponse } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import { readApplication, type Application } from './application.ts'
import { object, text, type Fields } from '../fields.ts'
import { untilIdle } from './idle.ts'

export interface ApplicationEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  application: Application
}

/** What is not an event of an application is passed over. */
export async function* readEvents(response: HttpResponse, clock: Clock): AsyncIterable<ApplicationEvent> {
  for await (const result of readResults(response, clock)) {
    const type = TYPES.find(name => name === result['type'])
    if (type) yield { type, application: readApplication(result['application']) }
  }
}

/** Ends with the connection. Thrown: HttpError for an error in the stream. */
export async function* readResults(response: HttpResponse, clock: Clock): AsyncIterable<Fields> {
  for await (const line of documents(response, clock)) {
    const document = object(parse(line))
    if (document['error'] !== undefined) {
      const message = text(object(document['error'])['message'])
      throw new HttpError('stream', `Argo CD ended the stream: ${message}`, { url: response.url })
    }
    if (document['result'] !== undefined) yield object(document['result'])
  }
}

const TYPES: readonly ApplicationEvent['type'][] = ['ADDED', 'MODIFIED', 'DELETED']

/** Argo CD sends a comment every 15 s into an event stream, so three missing ones are the end of it; lines may be silent for ever. */
const SILENCE = 45_000

async function* documents(response: HttpResponse, clock: Clock): AsyncIterable<string> {
  const isEventStream = (response.headers.get('content-type') ?? '').startsWith('text/event-stream')
  if (isEventStream) {
    const bytes = untilIdle(response.stream(), SILENCE, clock, response.url)
    for await (const { data } of readServerSentEvents(bytes)) yield data
  } else yield* readLines(response.stream())
}

/** Half a line, from a proxy that cut the stream, is no event; the next connection brings the state again. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
