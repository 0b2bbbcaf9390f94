// Faults on demand: what goes wrong, for which requests, how often.

export interface Fault {
  /**
   * Which requests it hits; default all. A string is looked for in the path without its query, or, when it holds
   * a `?`, in the path with it; an expression is tried on `METHOD /path?query`.
   */
  match?: string | RegExp
  /** Requests to hit; default 1. */
  times?: number
  /** Matching requests to let pass before the first hit; default 0. */
  after?: number
  /** Of the requests that are left, this share at random; default 1. */
  share?: number
  /**
   * `status`: answered with `status`, nothing is done. `reset`: the connection is cut, nothing is done. `cut-body`: the
   * same once some of the request's body has come.
   * `drop-answer`: everything is done, the connection is cut instead of an answer (a git push has its header by then,
   * as from any server). `drop-connection`: the same without any byte, which some clients take as leave to ask again
   * by themselves. `truncate`: everything is done, half of the answer's body arrives, then the connection is cut; with `milliseconds`
   * a stream is cut after that time. `delay`: done after `milliseconds`.
   * `hang`: nothing is done or answered until the client gives up. `meanwhile`: `act` runs first, then it is done.
   */
  kind:
    | 'status'
    | 'reset'
    | 'cut-body'
    | 'drop-answer'
    | 'drop-connection'
    | 'truncate'
    | 'delay'
    | 'hang'
    | 'meanwhile'
  /** Default 503. */
  status?: number
  headers?: Readonly<Record<string, string>>
  body?: string
  milliseconds?: number
  act?: () => unknown
}

export interface Faults {
  add(fault: Fault): void
  /** The fault that this request runs into, counted as used. */
  next(method: string, path: string): Fault | undefined
}

/** Keeps faults in the order they were asked for; a request runs into the first that matches and is not used up. */
export function createFaults(): Faults {
  const waiting: { fault: Fault; pass: number; left: number }[] = []
  return {
    add(fault) {
      waiting.push({ fault, pass: fault.after ?? 0, left: fault.times ?? 1 })
    },
    next(method, path) {
      for (const entry of waiting) {
        if (entry.left < 1 || !hits(entry.fault.match, method, path)) continue
        if (entry.pass-- > 0) continue
        if (Math.random() >= (entry.fault.share ?? 1)) continue
        entry.left--
        return entry.fault
      }
      return undefined
    },
  }
}

function hits(match: Fault['match'], method: string, path: string): boolean {
  if (match === undefined) return true
  if (match instanceof RegExp) return match.test(`${method} ${path}`)
  return (match.includes('?') ? path : (path.split('?')[0] ?? '')).includes(match)
}
