// The one error that a user can mend. It imports nothing, so that pure packages may throw it too.

/**
 * Something that the author of the workflow can put right.
 *
 * @param code stable and kebab-case, first in the output `reason`; the documentation has an anchor for it
 * @param sentence what is wrong; names the input in quotes where one is to blame
 * @param remedy what to write or do instead, as a sentence
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly code: string
  readonly sentence: string
  readonly remedy: string

  constructor(code: string, sentence: string, remedy: string, options?: ErrorOptions) {
    super(`${sentence} ${remedy}`.trim(), options)
    this.code = code
    this.sentence = sentence
    this.remedy = remedy
  }
}
