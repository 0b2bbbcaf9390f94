// Objects by `git fetch`: for every scheme and every server.
import type { Ended } from '@gitops-relay/process'
import { readFailure } from './answers.ts'
import type { Git } from './git.ts'
import { window, type Source } from './source.ts'
import type { Limits } from './types.ts'

const quiet = [
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--filter=blob:none',
]

/** A server with bitmaps takes a commit that we have for all of its files, and would send none of them. */
const noHaves = ['-c', 'fetch.negotiationAlgorithm=noop']

/** @param remote git that speaks to the server */
export function gitSource(url: string, git: Git, remote: Git['run']): Source {
  const seen = new Set<string>()
  const present = new Set<string>()
  let isPartial = true

  const refuse = (said: Ended, branch: string) => {
    if (said.exitCode !== 0) throw readFailure(said, { url, branch })
    if (/filtering not recognized/.test(said.stderr)) isPartial = false
  }

  return {
    async branch(name, limits) {
      const depth = seen.has(name) ? [] : [`--depth=${window}`]
      const ref = `refs/relay/heads/${name}`
      const args = [...depth, '--refmap=', 'origin', `+refs/heads/${name}:${ref}`]
      refuse(await remote(['fetch', ...quiet, ...args], limits), name)
      seen.add(name)
      return (await git.read(['rev-parse', '--verify', ref], limits)).trim()
    },
    // They came with the commits.
    trees: () => Promise.resolve(),
    async blobs(oids: readonly string[], limits: Limits) {
      const missing = oids.filter(oid => !present.has(oid))
      if (!isPartial || missing.length === 0) return
      const args = [...noHaves, 'fetch', ...quiet, '--stdin', 'origin']
      refuse(await remote(args, limits, `${missing.join('\n')}\n`), '')
      for (const oid of missing) present.add(oid)
    },
  }
}
