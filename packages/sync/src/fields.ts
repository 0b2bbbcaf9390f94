// JSON from a server, read without trusting its shape.

export type Fields = Readonly<Record<string, unknown>>

/** Empty where the value is not an object. */
export const object = (value: unknown): Fields => (isObject(value) ? value : {})
/** Empty where the value is not a list. */
export const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
/** Empty where the value is not text. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
/** Milliseconds since the epoch; undefined where the value is not a date. */
export function time(value: unknown): number | undefined {
  const parsed = Date.parse(text(value))
  return Number.isNaN(parsed) ? undefined : parsed
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
