// One client for everything of ours that speaks HTTP.
export { createHttp, type HttpOptions } from './client.ts'
export { HttpError, withoutSecrets } from './http-error.ts'
export { readLines, readServerSentEvents, type ServerSentEvent } from './streams.ts'
export type { TlsOptions } from './tls.ts'
export type * from './types.ts'
