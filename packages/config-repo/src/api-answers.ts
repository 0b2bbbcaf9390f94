// What GitHub's interface answers, in the words of this package.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { ApiError } from '@gitops-relay/github'
import { HttpError } from '@gitops-relay/http'
import { Transient, type PushAnswer } from './types.ts'

/** The meaning of a write that failed, and that may have been done all the same. */
export function writeAnswer(error: unknown): PushAnswer {
  if (error instanceof Transient) return { kind: 'unclear', detail: error.message }
  if (error instanceof ApiError) {
    const { said, status, types } = error
    if (types.includes('STALE_DATA') || status === 409 || movedHead.test(said))
      return { kind: 'moved', detail: said }
    if (status >= 500 || isOwnFailure.test(said)) return { kind: 'unclear', detail: `${status}, ${said}` }
    return { kind: 'refused', error }
  }
  if (error instanceof HttpError || isForeign(error)) return { kind: 'unclear', detail: messageOf(error) }
  throw error
}

const movedHead =
  /Expected branch to point to|not a fast.forward|Reference (?:cannot be updated|already exists|does not exist)|was at .* but expected/i
/** With 200 or 422, GitHub says that it gave up. */
const isOwnFailure = /Something went wrong while executing|request timed out|timed out|timedout/i

/** The error of a read that failed: a UserError where only a person can help, else Transient. */
export function readError(error: unknown): unknown {
  if (error instanceof ApiError) {
    return error.status >= 500 || isOwnFailure.test(error.said)
      ? new Transient(error.message, { cause: error })
      : error
  }
  if (isForeign(error)) return new Transient(messageOf(error), { cause: error })
  if (!(error instanceof HttpError)) return error
  if (error.code === 'tls') {
    const remedy = 'Give Node the certificate authority by NODE_EXTRA_CA_CERTS.'
    return new UserError('bad-certificate', error.message, remedy, { cause: error })
  }
  return new Transient(error.message, { cause: error })
}

/** What is no answer of GitHub's, such as a page of a proxy. */
const isForeign = (error: unknown) => error instanceof UserError && error.code === 'bad-answer'

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Does what reads, and gives its failures the words of this package. */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw readError(error)
  }
}

/** Does what is not tried again by us: no answer is then a UserError, too. */
export async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const known = readError(error)
    if (!(known instanceof Transient)) throw known
    const remedy = 'Run it again: what is done already is found.'
    throw new UserError('unreachable', `GitHub does not answer: ${known.message}`, remedy, { cause: error })
  }
}
