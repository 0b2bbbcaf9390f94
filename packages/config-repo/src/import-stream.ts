// A commit as the input of `git fast-import`: one process writes blobs, trees and commit, and only the trees on the way.
import type { Draft, Person } from './types.ts'

/**
 * @param parent full SHA
 * @param ref where the commit is kept in the private repository
 * @param modes of the files, by path
 * @param seconds since the epoch, for both dates
 */
export function importStream(
  { files, message, author, committer }: Draft,
  {
    parent,
    ref,
    modes,
    seconds,
  }: { parent: string; ref: string; modes: ReadonlyMap<string, string>; seconds: number },
): string {
  const head = [
    `commit ${ref}`,
    'mark :1',
    `author ${person(author)} ${seconds} +0000`,
    `committer ${person(committer)} ${seconds} +0000`,
    data(message),
    `from ${parent}`,
  ]
  const edits = [...files].map(
    ([path, text]) => `M ${modes.get(path) ?? '100644'} inline ${quoted(path)}\n${data(text)}`,
  )
  return `${[...head, ...edits].join('\n')}\n\nget-mark :1\ndone\n`
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`
}

function person({ name, mail }: Person): string {
  return `${name.replaceAll(/[<>\r\n\0]/g, '')} <${mail.replaceAll(/[<>\s\0]/g, '')}>`
}

function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
