// Answers that broke off: the HTTP client repeats only a request that had none.
import { HttpError } from '@gitops-relay/http'

/** Reads once more what broke off after its status. */
export const onceMore = <T>(read: () => Promise<T>): Promise<T> =>
  read().catch((error: unknown) => {
    if (error instanceof HttpError && error.code === 'network' && error.status === 200) return read()
    throw error
  })
