// A push refused in the server's own words, as hosted servers refuse what a rule forbids: no hook can say these.
import { bodyOf } from '../loopback.ts'
import type { Answer } from '../loopback.ts'
import type { IncomingMessage } from 'node:http'

export interface Rejection {
  /** What stands in brackets behind `! [remote rejected]`, such as `push declined due to repository rule violations`. */
  reason: string
  /** Lines that git shows behind `remote: `. */
  says?: readonly string[]
  /** Name of the repository; default any. */
  repo?: string
  /** Pushes to refuse; default 1. */
  times?: number
}

/** Answers a push with `ng` for each of its refs (gitprotocol-pack, "Report Status"); nothing is written. */
export async function reject(request: IncomingMessage, { reason, says = [] }: Rejection): Promise<Answer> {
  const refs = [...commandsOf(await bodyOf(request))]
  const report = [
    ...['unpack ok', ...refs.map(ref => `ng ${ref} ${reason}`)].map(line => packet(`${line}\n`)),
    '0000',
  ]
  const bands = [...says.map(line => packet(`\x02${line}\n`)), packet(`\x01${report.join('')}`), '0000']
  return {
    status: 200,
    headers: { 'content-type': 'application/x-git-receive-pack-result' },
    body: bands.join(''),
  }
}

/** The refs that a push wants to write: packets of `<old> <new> <ref>` up to the flush. */
function* commandsOf(body: Buffer): Generator<string> {
  for (let at = 0; ;) {
    const length = Number.parseInt(body.toString('latin1', at, at + 4), 16)
    if (!(length > 4)) return
    const [, , ref = ''] =
      body
        .toString('utf8', at + 4, at + length)
        .split('\0')[0]
        ?.trim()
        .split(' ') ?? []
    yield ref
    at += length
  }
}

const packet = (text: string) => (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text
