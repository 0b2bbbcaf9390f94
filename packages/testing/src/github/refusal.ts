// What GitHub says when it does not do something, in its own words.
import type { Right } from './state.ts'

/** Thrown by whatever does not do what was asked. */
export class Refusal extends Error {
  readonly status: number
  /** As GraphQL names it. */
  readonly type: string
  readonly headers: Readonly<Record<string, string>>
  readonly errors: readonly Record<string, string>[] | undefined

  constructor(
    status: number,
    message: string,
    more: { type?: string; headers?: Record<string, string>; errors?: Record<string, string>[] } = {},
  ) {
    super(message)
    this.status = status
    this.type = more.type ?? types[status] ?? 'UNPROCESSABLE'
    this.headers = more.headers ?? {}
    this.errors = more.errors
  }

  get body(): Record<string, unknown> {
    return {
      message: this.message,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      documentation_url: 'https://docs.github.com/rest',
      status: String(this.status),
    }
  }
}

/** What GitHub's own description does not allow, or what is not built here. */
export class OutsideOfDescription extends Error {}

const types: Readonly<Record<number, string>> = { 403: 'FORBIDDEN', 404: 'NOT_FOUND' }

export const notFound = () => new Refusal(404, 'Not Found')

export const forbidden = (login: string, right: Right) =>
  new Refusal(
    403,
    login.endsWith('[bot]')
      ? 'Resource not accessible by integration'
      : 'Resource not accessible by personal access token',
    { headers: { 'x-accepted-github-permissions': `${right}=write` } },
  )

export const noWorkflows = (path: string) =>
  new Refusal(
    403,
    `refusing to allow a GitHub App to create or update workflow \`${path}\` without \`workflows\` permission`,
  )

export const invalid = (resource: string, field: string, code: string, message?: string) =>
  new Refusal(422, 'Validation Failed', {
    errors: [{ resource, field, code, ...(message === undefined ? {} : { message }) }],
  })

export const staleData = (expected: string) =>
  new Refusal(409, `Expected branch to point to "${expected}" but it did not.  Pull and try again.`, {
    type: 'STALE_DATA',
  })
