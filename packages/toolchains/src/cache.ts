// What is kept between runs: dependencies, by the hash of the lock file. A convenience, so nothing here fails a step.
import type { Log } from '@gitops-relay/action-kit'

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

/** GitHub's service through @actions/cache, which is loaded only here and only when the service is there. */
export function openCache(env: Readonly<Record<string, string | undefined>>, log: Log): Cache | undefined {
  if (!env['ACTIONS_RESULTS_URL'] && !env['ACTIONS_CACHE_URL']) return undefined
  const warn = (what: string, error: unknown) => log.info(`The cache was not ${what}: ${String(error)}`)
  return {
    async restore({ paths, key, prefix }) {
      try {
        const { restoreCache } = await import('@actions/cache')
        const hit = await restoreCache([...paths], key, [prefix])
        return hit === undefined ? 'miss' : hit === key ? 'exact' : 'partial'
      } catch (error) {
        warn('restored', error)
        return 'miss'
      }
    },
    async save({ paths, key }) {
      try {
        const { saveCache } = await import('@actions/cache')
        await saveCache([...paths], key)
      } catch (error) {
        warn('saved', error)
      }
    },
  }
}
