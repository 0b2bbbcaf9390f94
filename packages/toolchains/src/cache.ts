// What is kept between runs: dependencies, by the hash of the lock file. A convenience, so nothing here fails a step.
import { once } from 'node:events'
import { lendToToolkit, type Host } from '@gitops-relay/action-kit'

type Service = typeof import('@actions/cache')

export type CacheResult = 'exact' | 'partial' | 'miss' | 'off'

export interface CacheEntry {
  paths: string[]
  /** The whole key; `prefix` is its part that an older entry may share. */
  key: string
  prefix: string
}

export interface Cache {
  restore(entry: CacheEntry): Promise<CacheResult>
  save(entry: CacheEntry): Promise<void>
}

/**
 * GitHub's service through @actions/cache, which is loaded only here and only when the service is there. It takes no
 * signal, so a call is left alone when the step ends; and what it leaves in its temporary directory goes with ours.
 */
export function openCache(
  { env, log, temporaryDirectory }: Pick<Host, 'env' | 'log' | 'temporaryDirectory'>,
  signal: AbortSignal,
): Cache | undefined {
  if (!env['ACTIONS_RESULTS_URL'] && !env['ACTIONS_CACHE_URL']) return undefined
  const attempt = async <T>(what: string, call: (service: Service) => Promise<T>) => {
    try {
      signal.throwIfAborted()
      lendToToolkit(await temporaryDirectory())
      const called = import('@actions/cache').then(call)
      const stopped = once(signal, 'abort').then(() => signal.throwIfAborted())
      return (await Promise.race([called, stopped])) ?? undefined
    } catch (error) {
      signal.throwIfAborted()
      log.info(`The cache was not ${what}: ${String(error)}`)
      return undefined
    }
  }
  return {
    async restore({ paths, key, prefix }) {
      const hit = await attempt('restored', ({ restoreCache }) => restoreCache([...paths], key, [prefix]))
      return hit === undefined ? 'miss' : hit === key ? 'exact' : 'partial'
    },
    async save({ paths, key }) {
      await attempt('saved', ({ saveCache }) => saveCache([...paths], key))
    },
  }
}
