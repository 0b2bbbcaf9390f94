// What a server says is checked where it comes in: every value is read as what it must be.
import { UserError } from '@gitops-relay/action-kit/user-error'

export const answerOf = (value: unknown, place: string): Answer => new Answer(value, place)

/** A value of a foreign answer, at a place that errors name. Thrown: UserError `bad-answer`. */
export class Answer {
  readonly value: unknown
  readonly #place: string

  constructor(value: unknown, place: string) {
    this.value = value
    this.#place = place
  }

  /** The value below; where there is none, an answer whose value is undefined. */
  at(...keys: readonly string[]): Answer {
    let found: Answer = this // oxlint-disable-line no-this-alias -- the way begins here
    for (const key of keys) found = new Answer(fieldOf(found.value, key), `${found.#place}.${key}`)
    return found
  }

  /** Is there a value, other than null? */
  exists(): boolean {
    return this.value !== undefined && this.value !== null
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.#refuse('text')
  }

  /** One line that prints. */
  line(): string {
    return this.#matching(line, 'line of text')
  }

  /** Name of an object in git. */
  sha(): string {
    return this.#matching(sha, 'object name')
  }

  /** Address of a page, http or https. */
  url(): string {
    return this.#matching(url, 'address')
  }

  integer(): number {
    return Number.isSafeInteger(this.value) ? Number(this.value) : this.#refuse('whole number')
  }

  flag(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.#refuse('true or false')
  }

  list(): Answer[] {
    if (!Array.isArray(this.value)) return this.#refuse('list')
    return this.value.map((item, index) => new Answer(item, `${this.#place}[${index}]`))
  }

  #matching(pattern: RegExp, wanted: string): string {
    return typeof this.value === 'string' && pattern.test(this.value) ? this.value : this.#refuse(wanted)
  }

  #refuse(wanted: string): never {
    throw new UserError(
      'bad-answer',
      `The answer of GitHub's interface has no ${wanted} at ${this.#place}.`,
      'See whether a proxy is in between, and whether the server is a GitHub.',
    )
  }
}

// eslint-disable-next-line no-control-regex
const line = /^[^\0-\x1f\x7f-\x9f\u2028\u2029]*$/
const sha = /^(?:[\da-f]{40}|[\da-f]{64})$/
const url = /^https?:\/\/[!-~]+$/

/** Own fields only: `constructor` is nothing that the server has said. */
function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.getOwnPropertyDescriptor(value, key)?.value
}
