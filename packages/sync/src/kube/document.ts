// The text of a kubeconfig as a document, refused before it could hurt, and in words that hold nothing of it.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { parseDocument } from 'yaml'
import { object, type Fields } from '../fields.ts'

const LIMIT = { characters: 1024 * 1024, brackets: 64 }
/** More indentation, or more lists begun on one line, than any kubeconfig has. */
const DEEP_LINE = /^[ \t?-]{256}/m

/** @throws UserError `kubeconfig-unreadable` */
export function readDocument(text: string): Fields {
  if (text.length > LIMIT.characters) throw unreadable(`has more than ${LIMIT.characters} characters`)
  if (DEEP_LINE.test(text) || isDeep(text)) throw unreadable('is nested too deeply')
  // Keys that are there twice are found in quadratic time; the last one is as good as any.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'error' })
  const [error] = document.errors
  if (error !== undefined) {
    const line = text.slice(0, error.pos[0]).split('\n').length
    // The parser's own message may quote a secret.
    throw unreadable(`is not YAML: line ${line} is wrong (${error.code})`)
  }
  try {
    return object(document.toJS({ maxAliasCount: 100 }))
  } catch {
    throw unreadable('has aliases that lead nowhere, or too many')
  }
}

function isDeep(text: string): boolean {
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1)
    if (depth > LIMIT.brackets) return true
  }
  return false
}

const unreadable = (what: string) =>
  new UserError(
    'kubeconfig-unreadable',
    `The kubeconfig ${what}.`,
    'Give the whole text of a kubeconfig, as `kubectl config view --raw` prints it.',
  )
