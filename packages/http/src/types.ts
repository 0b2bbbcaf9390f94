// The doors of this package: one request type, one client.

/**
 * How a request may be repeated.
 * `repeat`: reads and idempotent writes, repeated on every transient failure.
 * `refused`: repeated only where the server says that it did nothing (429, 503 with Retry-After, a connection that was never made).
 * `once`: never repeated; the caller reads back.
 */
export type Repeatability = 'repeat' | 'refused' | 'once'

export interface HttpRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string | URL
  /** Never crosses an origin: a redirect to another host drops `authorization` and `cookie`. */
  headers?: Record<string, string>
  /** A function is called for each attempt, so that a stream can be sent again; give its `content-length` in the headers. */
  body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>)
  /** Default: `repeat` for GET and HEAD, `once` for all else. */
  repeat?: Repeatability
  /** Redirects to follow; default 5 for GET and HEAD, 0 otherwise. A redirect that is not followed is returned as it is. */
  redirects?: number
  /**
   * Milliseconds for one attempt until the headers are there, counted from the last piece of a streamed body; also how
   * long the answer may be silent while it is read as a whole. Default 30,000.
   */
  timeout?: number
  signal?: AbortSignal
}

export interface HttpResponse {
  status: number
  /** Lower-case names. */
  headers: Headers
  /** After redirects. */
  url: string
  /** Reads the body to its end. More than `limit` bytes (default 10 MB) is an HttpError with code `too-large`. */
  bytes(limit?: number): Promise<Uint8Array>
  text(limit?: number): Promise<string>
  /** Guarded: an HTML page or broken JSON is an HttpError with code `not-json`, its first 200 characters in the message. */
  json(limit?: number): Promise<unknown>
  /** The body as it arrives; ending the iteration early closes the connection. */
  stream(): AsyncIterable<Uint8Array>
  /** Throws the body away, so that the connection can be used again. */
  discard(): Promise<void>
}

/** Any HTTP status is a response, never an error. Thrown: HttpError (network, deadline, refused address), the signal's reason. */
export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>
}
