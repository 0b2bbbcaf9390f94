// What can go wrong below HTTP's own answers, in words that say what to do.

/** `url` is shown without credentials and without the values of its query. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  /**
   * `network`, `dns`, `refused`, `timeout` (may be gone by the next attempt), `tls`, `protocol`, `bad-header`, `bad-url`,
   * `plain-http`, `redirects`, `deadline`, `idle`, `too-large`, `not-json`, or a caller's own.
   */
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

/** What the client threw while a proxy was between us and the server. */
export class ProxyFailure extends Error {
  readonly proxy: URL
  constructor(proxy: URL, cause: unknown) {
    super(messageOf(cause), { cause })
    this.proxy = proxy
  }
}

const CAUSES: [pattern: RegExp, code: string, sentence: string][] = [
  [/^ECONNREFUSED$/, 'refused', 'Nothing listens at this address; check host and port.'],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, 'dns', 'The host is not known here; check its spelling and the network.'],
  [/^CERT_HAS_EXPIRED$/, 'tls', "The server's certificate has expired; renew it."],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'tls', "The server's certificate is for another name; check the host."],
  [
    /^(?:CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/,
    'tls',
    "The server's certificate is not trusted; give its CA.",
  ],
  [
    /^ERR_OSSL_/,
    'tls',
    'The certificates for TLS cannot be used; check that they are PEM, and the key the one of the certificate.',
  ],
  [
    /^(?:EPROTO|ERR_SSL|ERR_TLS)/,
    'tls',
    'The server does not speak TLS as we do; is the port one for https?',
  ],
  [/^(?:ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'timeout', 'The server fell silent; see whether it is well.'],
  [
    /^(?:EHOSTUNREACH|ENETUNREACH)$/,
    'network',
    'No way leads to the host; check the network and its firewall.',
  ],
  [
    /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/,
    'network',
    'The other side cut the connection; try again, or look what is in between.',
  ],
  [/^HPE_/, 'protocol', 'What came back is not HTTP; check host and port.'],
  [
    /^UND_ERR_INVALID_ARG$/,
    'bad-header',
    'A header has a character that HTTP forbids; is there a line break in a token?',
  ],
]

/** Turns what the client throws into a sentence; `status`: of the answer that broke off. An aggregate of several addresses is told by its first. */
export function networkError(error: unknown, url: string | URL, status?: number): HttpError {
  const through =
    error instanceof ProxyFailure
      ? ` The proxy ${error.proxy.protocol}//${error.proxy.host} is in between.`
      : ''
  const codes = codesOf(error)
  const [, code, sentence] = CAUSES.find(([pattern]) => codes.some(found => pattern.test(found))) ?? [
    undefined,
    'network',
    `The connection failed: ${messageOf(error)}.`,
  ]
  return new HttpError(code, `${sentence}${through}`, {
    url,
    cause: error,
    ...(status === undefined ? {} : { status }),
  })
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
