// Whom we trust, and who we are, before a connection is made.
import type { ConnectionOptions } from 'node:tls'

export interface TlsOptions {
  /** PEM of the only authorities that are trusted; default: those of the system. */
  authorities?: string
  /** The name that is asked for, and looked for in the certificate, instead of the host of the address. */
  serverName?: string
  /** Who we are: PEM of a certificate with its chain, and of its key. */
  certificate?: string
  key?: string
  /** Takes any certificate: whoever answers is believed. */
  insecure?: boolean
}

type Server = Pick<ConnectionOptions, 'secureContext' | 'servername' | 'rejectUnauthorized'>

/** @param ca PEM of authorities besides those of the system. Thrown: Node's own error for what cannot be read, or does not belong together */
export async function secureContext(ca?: string, tls: TlsOptions = {}): Promise<Server> {
  const { authorities, serverName: servername, certificate: cert, key, insecure } = tls
  const { createSecureContext, getCACertificates } = await import('node:tls')
  // Naming any authority makes TLS forget the others.
  const trusted = authorities ?? (ca === undefined ? undefined : [...getCACertificates('default'), ca])
  return {
    ...((trusted ?? cert ?? key) ? { secureContext: createSecureContext({ ca: trusted, cert, key }) } : {}),
    ...(servername === undefined ? {} : { servername }),
    ...(insecure ? { rejectUnauthorized: false } : {}),
  }
}
