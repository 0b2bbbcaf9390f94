// A place in a text that only moves forward, with the comments it passed; what the readers of all formats stand on.
import { limits } from '../prescan.ts'

/** Why a text cannot be read, and where. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  readonly offset: number
  readonly code: 'unreadable' | 'too-deep' | 'too-many-values'

  constructor(offset: number, message: string, code: Unreadable['code'] = 'unreadable') {
    super(message)
    this.offset = offset
    this.code = code
  }
}

export interface Remark {
  /** Its words, with `#` in front whatever the format puts there. */
  text: string
  offset: number
}

export class Cursor {
  readonly text: string
  at: number
  readonly remarks: Remark[] = []
  private depth = 0
  private count = 0

  constructor(text: string) {
    this.text = text
    this.at = text.startsWith('\ufeff') ? 1 : 0
  }

  get next(): string {
    return this.text[this.at] ?? ''
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  sees(word: string): boolean {
    return this.text.startsWith(word, this.at)
  }

  /** Steps over a word if it stands here. */
  took(word: string): boolean {
    const isHere = this.sees(word)
    if (isHere) this.at += word.length
    return isHere
  }

  /** Steps over what a sticky pattern matches here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  expect(word: string): void {
    if (!this.took(word)) this.fail(`${JSON.stringify(word)} is missing`)
  }

  /** Another value, table, block or line of comments: a bound for time and memory. */
  counted(weight = 1): void {
    if ((this.count += weight) > limits.values)
      this.fail(`it has more than ${limits.values} values and comments`, 'too-many-values')
  }

  /** Steps over a comment up to the end of its line. */
  lineComment(mark: string): void {
    const offset = this.at
    const words = this.match(/[^\r\n]*(?:\r(?!\n)[^\r\n]*)*/y) ?? ''
    this.counted()
    this.remarks.push({ text: `#${words.slice(mark.length)}`, offset })
  }

  blockComment(): void {
    const offset = this.at
    const end = this.text.indexOf('*/', offset + 2)
    if (end < 0) this.fail('a comment has no end')
    let at = offset + 2
    for (const line of this.text.slice(at, end).split('\n')) {
      this.counted()
      this.remarks.push({ text: `#${line.replace(/^\s*\*(?=\s)/, '').trimEnd()}`, offset: at })
      at += line.length + 1
    }
    this.at = end + 2
  }

  /** Reads one level deeper. */
  nested<Result>(read: () => Result): Result {
    if (++this.depth > limits.depth) this.fail(`it is nested deeper than ${limits.depth} levels`, 'too-deep')
    const result = read()
    this.depth--
    return result
  }

  fail(message: string, code?: Unreadable['code']): never {
    throw new Unreadable(this.at, message, code)
  }
}
