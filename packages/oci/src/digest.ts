// Digests of bytes, whole or as they pass.
import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Digest } from './reference.ts'

type Algorithm = 'sha256' | 'sha512'

export const digestOf = (bytes: Uint8Array, algorithm: Algorithm = 'sha256'): Digest =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`

/** Passes bytes on, and knows their digest and size afterwards. */
export function createMeter(algorithm: Algorithm = 'sha256') {
  const hash = createHash(algorithm)
  let size = 0
  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      size += chunk.length
      done(undefined, chunk)
    },
  })
  return { stream, result: () => ({ digest: `${algorithm}:${hash.digest('hex')}` as const, size }) }
}

/** @throws UserError `unknown-digest` for an algorithm that nothing can be proven with */
export function algorithmOf(digest: Digest): Algorithm {
  const algorithm = digest.slice(0, digest.indexOf(':'))
  if (algorithm === 'sha256' || algorithm === 'sha512') return algorithm
  const sentence = `The digest ${digest} is of a kind that cannot be checked.`
  throw new UserError('unknown-digest', sentence, 'Use an image whose digests are sha256 or sha512.')
}

/** @param what a noun phrase for people, such as `layer of reg.example/shop` */
export const mismatch = (what: string, expected: Digest) =>
  new UserError(
    'digest-mismatch',
    `The registry's ${what} has other bytes than its digest ${expected} says.`,
    'Do not use it; ask who runs the registry.',
  )
