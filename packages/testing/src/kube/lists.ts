// Lists, in pages of one state.
import { json, type Answer } from '../loopback.ts'
import { apiVersionOf, type Kind } from './kinds.ts'
import type { StoredObject } from './objects.ts'
import { refusal } from './status.ts'

export interface Lists {
  /** The first page. */
  first(kind: Kind, found: readonly StoredObject[], limit: number, version: number): Answer
  /** The page that a continue token asks for. */
  next(kind: Kind, token: string, limit: number, oldest: number): Answer
}

const OVER =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted ' +
  'between the time the first chunk was returned and now may show up in the list.'

export function createLists(): Lists {
  const rests = new Map<string, { rest: readonly StoredObject[]; version: number }>()

  function page(kind: Kind, found: readonly StoredObject[], limit: number, version: number): Answer {
    const items = limit > 0 ? found.slice(0, limit) : found
    const rest = found.slice(items.length)
    const token = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, n: rests.size })).toString(
      'base64url',
    )
    if (rest.length > 0) rests.set(token, { rest, version })
    return json(200, {
      kind: `${kind.kind}List`,
      apiVersion: apiVersionOf(kind),
      metadata: {
        resourceVersion: String(version),
        ...(rest.length > 0 ? { continue: token, remainingItemCount: rest.length } : {}),
      },
      items: items.map(item => (kind.isBuiltIn ? { ...item, kind: undefined, apiVersion: undefined } : item)),
    })
  }

  return {
    first: page,
    next(kind, token, limit, oldest) {
      const kept = rests.get(token)
      if (kept === undefined) return refusal(400, 'BadRequest', 'continue key is not valid: unknown')
      if (kept.version < oldest) return refusal(410, 'Expired', OVER, { metadata: { continue: token } })
      return page(kind, kept.rest, limit, kept.version)
    },
  }
}
