// Who a request says that it is from, and until when that holds.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { object } from '../fields.ts'

/** Empty where it is not used. */
export interface Identity {
  /** The header of that name. */
  readonly authorization: string
  /** PEM. */
  readonly certificate: string
  readonly key: string
}

export const isSame = (one: Identity, other: Identity): boolean =>
  one.authorization === other.authorization && one.certificate === other.certificate

/** Milliseconds since the epoch at which a JWT (RFC 7519, `exp`) ends; Infinity where the token does not say. */
export function endOfToken(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const { exp } = object(claims)
    return typeof exp === 'number' ? exp * 1000 : Infinity
  } catch {
    return Infinity
  }
}

/** Since when an identity is over, for a sentence; empty while it holds, or where it does not say. */
export function overSince({ authorization, certificate }: Identity, now: number): string {
  const ends: [string, number][] = [['token', endOfToken(authorization.replace(/^Bearer /, ''))]]
  if (certificate !== '')
    ends.push(['client certificate', new X509Certificate(certificate).validToDate.getTime()])
  const [over] = ends.filter(([, end]) => end <= now)
  return over === undefined ? '' : `the ${over[0]} ended at ${new Date(over[1]).toISOString()}`
}

/** @throws UserError `kube-certificate` for a pair that no server would accept */
export function checkPair(certificate: string, key: string, owner: string): void {
  const refusal = (problem: string, cause?: unknown) =>
    new UserError(
      'kube-certificate',
      `The client certificate of ${owner} cannot be used: ${problem}.`,
      'Give a certificate and its own key, both PEM and without a passphrase.',
      { cause },
    )
  let belongs: boolean
  try {
    belongs = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
  } catch (cause) {
    throw refusal('it, or its key, cannot be read', cause)
  }
  if (!belongs) throw refusal('its key is the one of another certificate')
}
