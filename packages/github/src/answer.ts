// What a server says is checked where it comes in: every value is read as what it must be.
import { UserError } from '@gitops-relay/action-kit/user-error'

/** A value of a foreign answer, at a place that errors name. Thrown: UserError `bad-answer`. */
export interface Answer {
  readonly value: unknown
  /** The value below; where there is none, an answer whose value is undefined. */
  at(...keys: readonly string[]): Answer
  /** Is there a value, other than null? */
  exists(): boolean
  text(): string
  /** One line that prints. */
  line(): string
  /** Of an object in git, lower case. */
  sha(): string
  integer(): number
  flag(): boolean
  /** Address of a page, http or https. */
  url(): string
  list(): Answer[]
}

export function answerOf(value: unknown, place: string): Answer {
  const wrong = (wanted: string) =>
    new UserError(
      'bad-answer',
      `The answer of GitHub's interface has no ${wanted} at ${place}.`,
      'See whether a proxy is in between, and whether the server is a GitHub.',
    )
  const text = (): string => {
    if (typeof value === 'string') return value
    throw wrong('text')
  }
  const matching = (pattern: RegExp, wanted: string) => () => {
    if (typeof value === 'string' && pattern.test(value)) return value
    throw wrong(wanted)
  }
  return {
    value,
    at: (...keys) =>
      keys.reduce((answer, key) => answerOf(fieldOf(answer.value, key), `${place}.${key}`), self()),
    exists: () => value !== undefined && value !== null,
    text,
    // eslint-disable-next-line no-control-regex
    line: matching(/^[^\0-\x1f\x7f-\x9f\u2028\u2029]*$/, 'line of text'),
    sha: matching(/^(?:[\da-f]{40}|[\da-f]{64})$/, 'object name'),
    url: matching(/^https?:\/\/[!-~]+$/, 'address'),
    integer() {
      if (Number.isSafeInteger(value)) return Number(value)
      throw wrong('whole number')
    },
    flag() {
      if (typeof value === 'boolean') return value
      throw wrong('true or false')
    },
    list() {
      if (Array.isArray(value)) return value.map((item, index) => answerOf(item, `${place}[${index}]`))
      throw wrong('list')
    },
  }

  function self(): Answer {
    return answerOf(value, place)
  }
}

/** Own fields only: `__proto__` or `constructor` of a name is nothing that the server has said. */
function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return Object.entries(value).find(([name]) => name === key)?.[1]
}
