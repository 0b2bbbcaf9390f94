// Text that may stand in a file, read when it is needed.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { readFile } from 'node:fs/promises'
import type { Source } from './connection.ts'

/** @param what for the sentence @throws UserError `kube-file` */
export async function readSource(source: Source, what: string): Promise<string> {
  if ('text' in source) return source.text
  const refusal = (problem: string, cause?: unknown) =>
    new UserError(
      'kube-file',
      `The file ${source.file} of ${what} ${problem}.`,
      'Check the path, and who may read it.',
      {
        cause,
      },
    )
  const content = await readFile(source.file, 'utf8').catch((cause: unknown) => {
    throw refusal('cannot be read', cause)
  })
  if (content.trim() === '') throw refusal('is empty')
  return content
}
