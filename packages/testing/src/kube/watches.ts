// Open watches: a JSON document per line, until the client, the time or a test ends them.
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import type { Answer } from '../loopback.ts'
import { apiVersionOf, type Kind } from './kinds.ts'
import type { StoredObject } from './objects.ts'
import type { Selector } from './selectors.ts'
import type { Change, Store } from './store.ts'
import { tooOld } from './status.ts'

export interface WatchRequest {
  kind: Kind
  namespace: string | undefined
  isSelected: Selector
  /** Empty or 0: what exists comes first, as ADDED. */
  resourceVersion: string
  bookmarks: boolean
  /** Seconds. */
  timeout: number
}

export interface Watches {
  readonly count: number
  open(request: IncomingMessage, wanted: WatchRequest): Answer
  /** The connections break. */
  cut(): void
  /** In good order, whatever the last line is. */
  end(last?: string): void
  say(line: string): void
  bookmark(): void
  /** Tells all that the state they know is too old, and ends them. */
  expire(): void
}

/** Milliseconds. */
const BOOKMARKS = 60_000

interface Open {
  body: PassThrough
  /** Nothing is written any more. */
  close: () => void
  request: IncomingMessage
  kind: Kind
  bookmarks: boolean
}

export function createWatches(store: Store): Watches {
  const watches = new Set<Open>()
  const write = ({ body }: Open, type: string, object: object) =>
    body.write(`${JSON.stringify({ type, object })}\n`)
  const bookmark = (watch: Open) => {
    if (!watch.bookmarks) return
    const metadata = { resourceVersion: String(store.version), creationTimestamp: null }
    write(watch, 'BOOKMARK', { kind: watch.kind.kind, apiVersion: apiVersionOf(watch.kind), metadata })
  }
  const each = (act: (watch: Open) => void) => () => [...watches].forEach(act)

  return {
    get count() {
      return watches.size
    },
    open(request, { kind, namespace, isSelected, resourceVersion, bookmarks, timeout }) {
      const body = new PassThrough()
      function close() {
        watches.delete(watch)
        unsubscribe()
        clearTimeout(over)
        clearInterval(beat)
        body.end()
      }
      const watch: Open = { body, close, request, kind, bookmarks }
      const isSeen = (object: StoredObject | undefined) =>
        object !== undefined &&
        (namespace === undefined || object.metadata.namespace === namespace) &&
        isSelected(object)
      const tell = (change: Change) => {
        if (change.kind !== kind) return
        const [was, is] = [isSeen(change.previous), change.type !== 'DELETED' && isSeen(change.object)]
        // What no longer matches is as good as deleted, and the other way round.
        if (was || is) write(watch, was ? (is ? 'MODIFIED' : 'DELETED') : 'ADDED', change.object)
      }
      if (resourceVersion === '' || resourceVersion === '0')
        for (const object of store.all(kind).filter(isSeen)) write(watch, 'ADDED', object)
      else for (const change of store.since(Number(resourceVersion))) tell(change)
      watches.add(watch)
      const unsubscribe = store.subscribe(tell)
      const over = setTimeout(close, timeout * 1000).unref()
      const beat = setInterval(() => bookmark(watch), BOOKMARKS).unref()
      request.socket.once('close', close)
      return { status: 200, headers: { 'content-type': 'application/json' }, body }
    },
    cut: each(({ request, close }) => {
      request.socket.destroy()
      close()
    }),
    end: last =>
      each(({ body, close }) => {
        if (last !== undefined) body.write(last)
        close()
      })(),
    say: line => each(({ body }) => void body.write(`${line}\n`))(),
    bookmark: each(bookmark),
    expire: each(watch => {
      write(watch, 'ERROR', tooOld(String(store.oldest), store.version))
      watch.close()
    }),
  }
}
