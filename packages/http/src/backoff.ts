// When to try again, and whether.
import type { Random } from './clock.ts'
import type { Repeatability } from './types.ts'

export const ATTEMPTS = 5
const FIRST = 500
const LONGEST = 20_000
/** Longer than this nobody waits for one request; the answer is given back as it is. */
const LONGEST_ORDER = 120_000

/** Milliseconds before the next attempt: exponential, with full jitter. `attempt` counts from 1. */
export const delayBefore = (attempt: number, random: Random) =>
  random() * Math.min(LONGEST, FIRST * 2 ** attempt)

/**
 * What the server orders by `Retry-After`, in seconds or as a date, in milliseconds from `now`.
 * Undefined where it orders nothing; `too-long` where it is no use to wait.
 */
export function orderedDelay(header: string | null, now: number): number | 'too-long' | undefined {
  if (header === null) return undefined
  const text = header.trim()
  const delay = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  if (Number.isNaN(delay)) return undefined
  return delay > LONGEST_ORDER ? 'too-long' : Math.max(0, delay)
}

/** `refused` needs the server's word that nothing was done. */
export function mayRepeatAfter(status: number, ordered: number | undefined, repeat: Repeatability): boolean {
  if (repeat === 'repeat') return [408, 425, 429, 500, 502, 503, 504].includes(status)
  return repeat === 'refused' && (status === 429 || (status === 503 && ordered !== undefined))
}

/** Failures that may be gone by the next attempt; a certificate or a header does not mend itself. */
export const isTransient = (code: string) => ['network', 'dns', 'refused', 'timeout'].includes(code)
