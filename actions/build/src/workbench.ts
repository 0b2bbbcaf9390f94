// The hands of the action: runs steps, asks versions, keeps dependencies.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import type { Host } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import {
  execute,
  probe,
  relay,
  scrubbedEnvironment,
  shellScript,
  type Ended,
  type Environment,
} from '@gitops-relay/process'
import {
  openCache,
  openProject,
  type CacheEntry,
  type CacheResult,
  type Project,
  type Toolchain,
} from '@gitops-relay/toolchains'
import type { Inputs } from './inputs.ts'
import { shownCommand, type Step } from './plan.ts'

export interface Workbench {
  readonly env: Environment
  project(): Promise<Project>
  /** First line of what the tool says. Thrown: UserError `toolchain-missing`. */
  version(toolchain: Toolchain): Promise<string>
  run(step: Step): Promise<Ended>
  /** Brings back the dependencies of a toolchain; `keep` saves them when they are new. */
  restore(toolchain: Toolchain, version: string): Promise<{ result: CacheResult; keep(): Promise<void> }>
  /** Object ids of the tracked files as they stand in the work tree, or empty without a repository or git. */
  treeHash(): Promise<string>
}

export function openWorkbench(
  host: Host,
  { directory, passEnv, cache, cacheSuffix }: Inputs,
  signal: AbortSignal,
): Workbench {
  const env = scrubbedEnvironment(host.env, [...passEnv])
  const here = { cwd: directory, env }
  const service = cache === 'false' ? undefined : openCache(host, signal)
  return {
    env,
    project: () => openProject(directory, execute, env),
    async version({ name, version, setup }) {
      const { exitCode, stdout } = await probe(version, here)
      if (exitCode === 0) return stdout.split('\n')[0]?.trim() ?? ''
      const sentence = `${JSON.stringify(name)} is needed here and not installed on this machine.`
      throw new UserError('toolchain-missing', sentence, `Put a step with ${setup} before this one.`)
    },
    async run(step) {
      const isScript = typeof step.command === 'string'
      const argv = isScript
        ? await shellScript(String(step.command), {
            directory: await host.temporaryDirectory(),
            platform: platform(),
            env,
          })
        : (step.command as Exclude<Step['command'], string>) // oxlint-disable-line no-unsafe-type-assertion -- no string
      const onLine = relay(host.log, { commands: 'annotations' })
      return host.log.group(`${step.step}: ${shownCommand(step).split('\n')[0] ?? ''}`, () =>
        execute(argv, { ...here, signal, onLine, limit: 64 * 1024 }),
      )
    },
    async restore({ name, cache: kept }, version) {
      const off = { result: 'off' as const, keep: () => Promise.resolve() }
      if (service === undefined || kept === undefined) return off
      const { exitCode, stdout } = await probe(kept.directory, here)
      const path = stdout.trim()
      if (exitCode !== 0 || path === '') return off
      const lock = createHash('sha256')
        .update(await readFile(join(directory, kept.lock)))
        .digest('hex')
      const prefix = `gitops-relay-${name}-${platform()}-${arch()}-${version}${cacheSuffix && `-${cacheSuffix}`}-`
      const entry: CacheEntry = { paths: [path], key: prefix + lock, prefix }
      const result = await service.restore(entry)
      const isNew = result !== 'exact' && cache === 'true'
      return { result, keep: () => (isNew ? service.save(entry) : Promise.resolve()) }
    },
    async treeHash() {
      // A container's checkout may belong to another user.
      const listed = await execute(['git', '-c', 'safe.directory=*', 'ls-files', '-z', '--', '.'], {
        ...here,
        limit: 256 * 1024 * 1024,
        signal,
      }).catch(() => signal.throwIfAborted())
      if (listed?.exitCode !== 0) return ''
      const hash = createHash('sha256')
      for (const file of listed.stdout.split('\0').filter(name => name !== '')) {
        const content = await readFile(join(directory, file)).catch(() => undefined)
        hash.update(
          `${file}\0${content === undefined ? 'absent' : createHash('sha256').update(content).digest('hex')}\0`,
        )
      }
      return hash.digest('hex')
    },
  }
}
