// Which documents of a file an update means: an index from 0, or conditions such as `kind=Deployment,metadata.name=web`.
import type { Document } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { textOf } from './manifest.ts'
import { parsePath, resolvePath } from './path.ts'

/** @throws UserError `bad-document` */
export function selectsDocument(
  selector: string | undefined,
): (document: Document.Parsed, index: number) => boolean {
  if (selector === undefined || selector.trim() === '') return () => true
  if (/^\s*\d{1,9}\s*$/.test(selector)) return (_, index) => index === Number(selector)
  const conditions = selector.split(',').map(condition => {
    const [, path, value] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(condition) ?? []
    if (path !== undefined && value !== undefined) return { segments: parsePath(path), value }
    const sentence = `"document" is ${JSON.stringify(selector)}.`
    const remedy = 'Write an index from 0, or conditions such as kind=Deployment,metadata.name=web.'
    throw new UserError('bad-document', sentence, remedy)
  })
  return document =>
    conditions.every(({ segments, value }) =>
      resolvePath(document, segments).some(({ node }) => textOf(node, document) === value),
    )
}
