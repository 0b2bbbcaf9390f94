// How an operation of the API is written here: its route as in GitHub's description, what it needs, its answer.
import { invalid, notFound } from './refusal.ts'
import type { Asker } from './rules.ts'
import type { Places } from './shapes/address.ts'
import type { Repository, Right, State } from './state.ts'

export interface Call<Body> {
  state: State
  places: Places
  asker: Asker
  /** That of `{owner}/{repo}`; routes without it must not ask. */
  repository: Repository
  parameters: Readonly<Record<string, string>>
  /** The whole address, for the pages of a list. */
  url: URL
  /** As the description demands. */
  body: Body
  limits: Limits
}

export interface Limits {
  /** Milliseconds since the epoch. */
  clock: () => number
  /** Entries of one tree's answer; GitHub's own is 100,000. */
  treeEntries: number
  /** Requests an hour. */
  requests: number
  /** Requests until now. */
  used: number
}

export interface Made {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

export interface Route {
  route: string
  needs: Right | undefined
  answer: (call: Call<never>) => Promise<Made> | Made
}

/** `Body` is what the description says of the request's body, which has been checked against it by then. */
export function route<Body = undefined>(
  name: string,
  answer: (call: Call<Body>) => Promise<Made> | Made,
  needs?: Right,
): Route {
  return { route: name, needs, answer }
}

export const ok = (body: unknown): Made => ({ status: 200, body })
export const created = (body: unknown): Made => ({ status: 201, body })

/** A parameter of the path. */
export function parameter({ parameters }: Pick<Call<unknown>, 'parameters'>, name: string): string {
  const value = parameters[name]
  if (value === undefined) throw new Error(`The route has no ${name}.`)
  return value
}

/** The item whose number or id the path names. */
export function named<T>(
  call: Call<unknown>,
  name: string,
  items: readonly T[],
  idOf: (item: T) => number,
): T {
  const found = items.find(item => String(idOf(item)) === parameter(call, name))
  if (found === undefined) throw notFound()
  return found
}

/** The commit that a text of the user's means. */
export async function commitNamed(repository: Repository, revision: string): Promise<string> {
  const { objects } = repository
  for (const name of [`refs/heads/${revision}`, `refs/tags/${revision}`, revision]) {
    const sha = await objects.resolve(name)
    if (sha !== undefined) return sha
  }
  throw notFound()
}

/**
 * One page of a list, with the addresses of the others in its `Link` header.
 *
 * @param wrap where the answer holds the items, if not at its top
 */
export async function page<T>(
  { url }: Pick<Call<unknown>, 'url'>,
  items: readonly T[],
  shape: (item: T) => unknown,
  wrap: (shaped: unknown[]) => unknown = shaped => shaped,
  { size: usual = 30, largest = 100 } = {},
): Promise<Made> {
  const number = (name: string, otherwise: number) => {
    const value = Number(url.searchParams.get(name) ?? otherwise)
    if (value < 1) throw invalid('Page', name, 'invalid')
    return value
  }
  const size = Math.min(number('per_page', usual), largest)
  const at = number('page', 1)
  const last = Math.max(1, Math.ceil(items.length / size))
  const shaped = await Promise.all(items.slice((at - 1) * size, at * size).map(shape))
  const link = (rel: string, to: number) => {
    const other = new URL(url)
    other.searchParams.set('page', String(to))
    return `<${other.href}>; rel="${rel}"`
  }
  const links = [
    ...(at > 1 ? [link('prev', at - 1)] : []),
    ...(at < last ? [link('next', at + 1), link('last', last)] : []),
    ...(at > 1 ? [link('first', 1)] : []),
  ]
  return { ...ok(wrap(shaped)), headers: links.length === 0 ? {} : { link: links.join(', ') } }
}
