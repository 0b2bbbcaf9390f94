// A repository of a registry on this machine, spoken to without waiting between the tries.
import { createHttp } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import type { TestRegistry } from '@gitops-relay/testing'
import type { Credential } from './authorization.ts'
import { openRepository } from './client.ts'

/** Time that passes as soon as somebody waits for it. */
export function hastyClock(): Clock & { waited: number[] } {
  const waited: number[] = []
  let past = 0
  return {
    waited,
    now: () => Date.now() + past,
    async sleep(delay) {
      waited.push(delay)
      past += delay
      await new Promise(done => setImmediate(done))
    },
  }
}

export function repositoryOf({ host }: Pick<TestRegistry, 'host'>, credential?: Credential) {
  const clock = hastyClock()
  const repository = openRepository({
    http: createHttp({ clock, random: () => 0.5 }),
    registry: host,
    repository: 'acme/shop',
    scheme: 'http',
    credential,
    mask: () => {},
    clock,
    signal: new AbortController().signal,
  })
  return { repository, clock }
}
