// Runs the commands of a plan: the user's environment less our own, output relayed, workflow commands harmless.
import { join } from 'node:path'
import type { Host } from '@gitops-relay/action-kit'
import type { Argv, Ended, Environment, Execute } from '@gitops-relay/process'
import { inject, jestArguments } from './injection.ts'
import { textOf, type Plan, type Step } from './plan.ts'

/** How the commands ended: the first that went wrong, else the last. */
export interface Ending {
  /** 128+n for a signal. */
  status: number
  signal: string | undefined
  outOfMemory: boolean
  /** The last lines of its output. */
  tail: readonly string[]
}

/** What of the process package is used here. */
export interface Hands {
  execute: Execute
  probe: (argv: Argv, options: { cwd: string; env: Environment }) => Promise<{ exitCode: number }>
  scrubbedEnvironment: (env: Host['env'], passEnv: string[]) => Environment
  shellScript: (
    script: string,
    options: { directory: string; platform: string; env: Environment },
  ) => Promise<Argv>
  relay: (
    log: Host['log'],
    options: { commands: 'none' | 'annotations' },
  ) => (line: string, stream: 'stdout' | 'stderr') => void
}

export interface Runner {
  env: Environment
  execute: Execute
  install: (step: Step, signal: AbortSignal) => Promise<Ending>
  /** All commands, each whatever the one before it did; undefined when there are none. `reports`: where ours are written. */
  test: (plan: Plan, reports: string, signal: AbortSignal) => Promise<Ending | undefined>
}

const TAIL = 20
// Beside `src/` and beside `dist/`. As a URL the bundler would take it for a file of its own.
const REPORTERS = join(import.meta.dirname, '../reporters')

export function createRunner(host: Host, passEnv: readonly string[], hands: Hands): Runner {
  const env = hands.scrubbedEnvironment(host.env, [...passEnv])

  const run = async (step: Step, own: Environment, signal: AbortSignal): Promise<Ending> => {
    const isScript = step.kind === 'script'
    const directory = await host.temporaryDirectory()
    const argv = isScript
      ? await hands.shellScript(step.script, { directory, platform: process.platform, env: own })
      : argvOf(step, own)
    const relay = hands.relay(host.log, { commands: isScript ? 'annotations' : 'none' })
    const tail: string[] = []
    const onLine = (line: string, stream: 'stdout' | 'stderr') => {
      if (tail.push(line) > TAIL) tail.shift()
      relay(line, stream)
    }
    const title = textOf(step).split('\n', 1)[0] ?? ''
    const ended: Ended = await host.log.group(title, () =>
      hands.execute(argv, { cwd: step.directory, env: own, signal, onLine, limit: 0 }),
    )
    return { status: ended.status, signal: ended.signal, outOfMemory: ended.outOfMemory, tail }
  }

  const injected = async (plan: Plan, reports: string): Promise<Environment> => {
    const wanted = {
      reporters: REPORTERS,
      directory: reports,
      nodeOptions: env['NODE_OPTIONS'] ?? '',
      scripts: plan.scripts,
    }
    const [first] = plan.commands
    // Old Nodes refuse to start with an option that they do not know.
    for (const hasTestReporters of [true, false]) {
      const candidate = { ...env, ...inject({ ...wanted, hasTestReporters }) }
      const options = { cwd: first?.directory ?? host.workspace, env: candidate }
      const { exitCode } = await hands.probe(['node', '-e', '0'], options).catch(() => ({ exitCode: 1 }))
      if (exitCode === 0) return candidate
    }
    return env
  }

  return {
    env,
    execute: hands.execute,
    install: (step, signal) => run(step, env, signal),
    async test(plan, reports, signal) {
      const own = plan.reportPaths.length > 0 ? env : await injected(plan, reports)
      let worst: Ending | undefined
      for (const step of plan.commands) {
        const ending = await run(step, own, signal)
        if (worst === undefined || worst.status === 0) worst = ending
      }
      return worst
    },
  }
}

function argvOf({ argv, jest }: Extract<Step, { kind: 'argv' }>, env: Environment): Argv {
  const isInjected = env['GITOPS_RELAY_REPORTS'] !== undefined
  return jest === 'by argument' && isInjected ? [...argv, ...jestArguments(REPORTERS)] : argv
}
