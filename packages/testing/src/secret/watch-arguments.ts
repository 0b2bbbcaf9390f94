// Watches every process that starts, for a secret in its arguments or its environment.
import { setTimeout as delay } from 'node:timers/promises'
import { processes } from '../runner/processes.ts'
import { encodings } from './encodings.ts'
import type { Hit } from './find-secret.ts'

export interface ArgumentWatch extends AsyncDisposable {
  /** Each process and form once. */
  readonly arguments: Hit[]
  /** Apart, because a secret may have to be in the environment of the one process that uses it. */
  readonly environments: Hit[]
  /** How often it has looked. */
  readonly looks: number
}

/** Looks again and again until it is disposed; a process that lives shorter than a look may be missed. Resolves after the first look. */
export async function watchArguments(secret: string): Promise<ArgumentWatch> {
  const forms = [...encodings(secret)]
  const stop = new AbortController()
  const found = { arguments: new Map<string, Hit>(), environments: new Map<string, Hit>() }
  let looks = 0

  const look = async () => {
    for (const { pid, command, environment } of await processes()) {
      for (const [encoding, texts] of forms) {
        const note = (kind: 'arguments' | 'environments', text: string) => {
          if (!texts.some(form => text.includes(form))) return
          const program = command.split(' ')[0] ?? ''
          const place = `${kind} of process ${pid} (${program})`
          found[kind].set(`${place} ${encoding}`, { place, encoding })
        }
        note('arguments', command)
        note('environments', environment)
      }
    }
    looks++
  }
  await look()
  const watching = (async () => {
    while (!stop.signal.aborted) {
      await look()
      await delay(1, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return {
    get arguments() {
      return [...found.arguments.values()]
    },
    get environments() {
      return [...found.environments.values()]
    },
    get looks() {
      return looks
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await watching
    },
  }
}
