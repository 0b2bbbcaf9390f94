// A table of files: rendered as they were and as they are after an edit, they differ in the wanted image and in nothing else.
import { beforeAll, expect, test } from '@jest/globals'
import type { Update } from '../../packages/manifests/src/index.ts'
import { ask, describeWith, type Answer } from './ask.ts'
import { bumped } from './wanted.ts'

export type Files = Record<string, string>

export interface Case {
  name: string
  files: Files
  /** The one that is edited. */
  file: string
  update: Update
  /** What is rendered. */
  from: string
  to: string
}

const line = (image: string) => `image: ${image}\n`

/** @param bare what the program answers where a tag was written without the quotes that it needs */
export function describeRendered(
  reader: 'kustomize' | 'helm',
  cases: readonly Case[],
  bare: readonly { tag: string; row: Case; answer: string }[],
): void {
  describeWith('go')(reader, () => {
    let answers: Answer<string>[] = []
    beforeAll(() => {
      const questions = cases.flatMap(({ files, file, update }) => [
        files,
        { ...files, [file]: bumped(files[file] ?? '', update, file) },
      ])
      answers = ask('go', reader, questions)
    })

    test.each(cases.map((row, index) => ({ ...row, index })))('$name', ({ index, from, to }) => {
      const [before, after] = answers.slice(2 * index)
      expect(before?.value).toContain(line(from))
      expect(after).toEqual({ value: before?.value?.replaceAll(line(from), () => line(to)) })
    })

    test.each(bare)('a bare $tag is another: $answer', ({ tag, row: { files, file }, answer }) => {
      const text = files[file]?.replace(': v1\n', () => `: ${tag}\n`)
      const [answered] = ask<string>('go', reader, [{ ...files, [file]: text }])
      expect(answered?.value ?? answered?.error).toContain(answer)
    })
  })
}
