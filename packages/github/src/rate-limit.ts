// GitHub's limits: which answers mean that nothing was done, and how long to wait.

export interface Limited {
  status: number
  headers: { get(name: string): string | null }
  body: string
}

const MINUTE = 60_000

/**
 * Milliseconds to wait before the same request may come again; undefined where the answer is no limit.
 * By GitHub's own order: `retry-after`, else until `x-ratelimit-reset` where nothing remains, else a minute that doubles.
 *
 * @param count how often this request was limited before
 * @param now milliseconds since the epoch
 */
export function limitDelay(
  { status, headers, body }: Limited,
  count: number,
  now: number,
): number | undefined {
  const isSaid = /secondary rate limit|abuse detection|rate limit exceeded/i.test(body)
  const nothingRemains = headers.get('x-ratelimit-remaining') === '0'
  const ordered = headers.get('retry-after')
  // GraphQL says it with 200.
  const isLimit =
    status === 429 ||
    (status === 403 && (isSaid || nothingRemains || ordered !== null)) ||
    (status === 200 && /"type":\s*"RATE_LIMITED"/.test(body))
  if (!isLimit) return undefined
  if (ordered !== null && /^\d+$/.test(ordered.trim())) return Number(ordered) * 1000
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1000
  if (nothingRemains && Number.isFinite(reset)) return Math.max(1000, reset - now)
  return MINUTE * 2 ** count
}
