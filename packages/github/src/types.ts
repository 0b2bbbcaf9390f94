// The doors of this package: one client for the REST and the GraphQL interface.
import type { Repeatability } from '@gitops-relay/http'
import type { Answer } from './answer.ts'

export interface Call {
  /** What is done, for sentences: `read acme/config`. */
  to: string
  /** Default: `repeat` for GET and for GraphQL queries, `once` for all else; a limit of GitHub's is waited out by all. */
  repeat?: Repeatability
  signal?: AbortSignal
}

/** Parameters of a route's template, of its query or its body, as the route wants them. */
export type Parameters = Readonly<Record<string, unknown>>

/** Thrown by all: ApiError, HttpError (no answer), the signal's reason. */
export interface GitHub {
  /** One request by a route such as `GET /repos/{owner}/{repo}`. */
  rest(route: string, parameters: Parameters, call: Call): Promise<Answer>
  /** The items of a list that comes in pages, until the reader has enough. `key`: where the answer holds them, if not at its top. */
  list(route: string, parameters: Parameters, call: Call, key?: string): AsyncIterable<Answer>
  /** The `data` of a query or mutation. Any error in the answer is an ApiError, even beside data. */
  graphql(query: string, variables: Parameters, call: Call): Promise<Answer>
}
