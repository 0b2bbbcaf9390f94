// What can go wrong below HTTP's own answers, in words that say what to do.

/** `url` is shown without credentials and without the values of its query. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  /** `network`, `tls`, `dns`, `refused`, `timeout`, `idle`, `plain-http`, `bad-url`, `too-large`, `not-json`, `redirects`, or a caller's own. */
  readonly code: string
  readonly url: string
  readonly status: number | undefined

  constructor(
    code: string,
    message: string,
    { url, status, ...options }: { url: string | URL; status?: number } & ErrorOptions,
  ) {
    const shown = withoutSecrets(url)
    super(`${message} (${shown})`, options)
    this.code = code
    this.url = shown
    this.status = status
  }
}

/** The address as it may be printed: a user, a password and the values of a query can be secrets. */
export function withoutSecrets(url: string | URL): string {
  const parsed = URL.parse(String(url))
  if (parsed === null) return '(not a URL)'
  const query =
    parsed.search === ''
      ? ''
      : `?${[...new Set(parsed.searchParams.keys())].map(key => `${key}=…`).join('&')}`
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${query}`
}

const CAUSES: [pattern: RegExp, code: string, sentence: string][] = [
  [/^ECONNREFUSED$/, 'refused', 'Nothing listens at this address; check host and port.'],
  [
    /^(?:ENOTFOUND|EAI_AGAIN)$/,
    'dns',
    'The name of the host is not known here; check its spelling and the network.',
  ],
  [
    /^(?:CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS|HOSTNAME_MISMATCH)/,
    'tls',
    'The certificate of the server is not trusted; give the CA that signed it.',
  ],
  [/^(?:EPROTO|ERR_SSL)/, 'tls', 'The server does not speak TLS as we do; is the port one for https?'],
  [
    /^(?:ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|TIMEOUT)$/,
    'timeout',
    'The server did not answer in time.',
  ],
  [/^(?:EHOSTUNREACH|ENETUNREACH)$/, 'network', 'The host cannot be reached from this network.'],
]

/** Turns what the client throws into a sentence. An aggregate of several addresses is told by its first. */
export function networkError(error: unknown, url: string | URL): HttpError {
  const codes = codesOf(error)
  for (const [pattern, code, sentence] of CAUSES) {
    if (codes.some(found => pattern.test(found))) return new HttpError(code, sentence, { url, cause: error })
  }
  const detail = codes[0] ?? messageOf(error)
  return new HttpError('network', `The connection broke: ${detail}.`, { url, cause: error })
}

/** Was there never a connection, so that nothing can have been done? */
export const neverConnected = (error: unknown) =>
  codesOf(error).some(code =>
    /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code),
  )

function codesOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return []
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : []
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors.flatMap(codesOf) : []
  const cause = 'cause' in error ? codesOf(error.cause) : []
  return [...own, ...inner, ...cause]
}

const messageOf = (error: unknown) =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
