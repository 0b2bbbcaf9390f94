// The YAML block below a TAP result: message, stack, place and time.
import { message, trace } from '../excerpt.ts'
import type { Case } from '../types.ts'

/** The few keys of the details that matter; they are not YAML enough everywhere for a parser. */
export function withDetails(found: Case, yaml: readonly string[]): Case {
  const value = (key: string): string | undefined => {
    const at = yaml.findIndex(text => text.trim().startsWith(`${key}:`))
    if (at === -1) return undefined
    const head = yaml[at] ?? ''
    const inline = head.slice(head.indexOf(':') + 1).trim()
    if (!/^[|>][+-]?\d*$/.test(inline)) return inline.replace(/^(['"])(.*)\1$/, '$2')
    const depth = head.length - head.trimStart().length
    const end = yaml.findIndex((text, index) => index > at && text.trim() !== '' && indentOf(text) <= depth)
    return yaml
      .slice(at + 1, end === -1 ? yaml.length : end)
      .map(text => text.slice(depth + 2))
      .join('\n')
  }
  const [, file, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(value('location') ?? '') ?? []
  const duration = Number(value('duration_ms') ?? NaN)
  const isFailure = found.status === 'failed'
  const told = isFailure ? value('error') || value('message') : undefined
  const stack = isFailure ? value('stack') : undefined
  return {
    ...found,
    duration: Number.isFinite(duration) ? duration : found.duration,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined || line === '0' ? {} : { line: Number(line) }),
    ...(told ? { message: message(told) } : {}),
    ...(stack ? { trace: trace(stack) } : {}),
  }
}

const indentOf = (text: string): number => text.length - text.trimStart().length
