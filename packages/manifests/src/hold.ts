// `# gitops-relay: hold [until=<date>] [reason=<text>]` on a line, or alone on the lines above, freezes what stands there.
import { isNode } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { commentsAbout, offsetOf, type Manifest } from './manifest.ts'

export interface Hold {
  until?: string
  reason?: string
}

/**
 * The hold on any of these nodes, if it has not run out.
 *
 * @param now milliseconds since the epoch; `until` without a time ends with that day in UTC
 * @throws UserError `bad-hold` for a date that cannot be read
 */
export function holdOn(manifest: Manifest, nodes: readonly unknown[], now: number): Hold | undefined {
  const lines = new Set(
    nodes.flatMap(node => (isNode(node) && node.range ? [manifest.lineOf(offsetOf(node))] : [])),
  )
  const comments = [...lines].flatMap(line => commentsAbout(manifest, line))
  for (const { text, line } of comments) {
    const hold = readHold(text, `${manifest.file}:${line}`)
    if (hold !== undefined && (hold.until === undefined || now < endOf(hold.until))) return hold
  }
  return undefined
}

function readHold(comment: string, where: string): Hold | undefined {
  const [, rest] = /(?:^|\s)#+\s*gitops-relay:\s*hold\b(.*)$/.exec(comment) ?? []
  if (rest === undefined) return undefined
  const [, until] = /(?:^|\s)until=(\S*)/.exec(rest) ?? []
  const [, reason] = /(?:^|\s)reason=(.*?)(?:\s+until=\S*)?\s*$/.exec(rest) ?? []
  if (until !== undefined && Number.isNaN(endOf(until))) {
    const sentence = `${where} holds until ${JSON.stringify(until)}, which is no date.`
    throw new UserError('bad-hold', sentence, 'Write it like until=2030-01-31.')
  }
  return { ...(until === undefined ? {} : { until }), ...(reason ? { reason } : {}) }
}

function endOf(until: string): number {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(until)
  return isDay ? Date.parse(until) + 86_400_000 : /^\d{4}-\d\d-\d\dT/.test(until) ? Date.parse(until) : NaN
}
