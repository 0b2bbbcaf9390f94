// One child of a step: in its own group, cancelled by the runner's ladder.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface ChildOptions {
  cwd: string
  env: Record<string, string>
  onLine: (line: string) => void
  signal: AbortSignal
  ladder: readonly [interrupt: number, terminate: number]
}

/** The exit code; 128+n is not told apart, as on the runner. Undefined: it was cancelled. */
export async function runChild(
  argv: readonly [string, ...string[]],
  { cwd, env, onLine, signal, ladder }: ChildOptions,
): Promise<number | undefined> {
  if (signal.aborted) return undefined
  const child = spawn(argv[0], argv.slice(1), { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const input of [child.stdout, child.stderr])
    createInterface({ input, crlfDelay: Infinity }).on('line', onLine)
  const timers: NodeJS.Timeout[] = []
  const kill = (name: NodeJS.Signals, group: boolean) => {
    try {
      process.kill(group ? -(child.pid ?? 0) : (child.pid ?? 0), name)
    } catch {
      // Gone already.
    }
  }
  const cancel = () => {
    kill('SIGINT', false)
    timers.push(
      setTimeout(() => kill('SIGTERM', false), ladder[0]),
      setTimeout(() => kill('SIGKILL', true), ladder[0] + ladder[1]),
    )
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', code => {
        // Pipes that somebody else holds are waited for five seconds.
        timers.push(setTimeout(() => kill('SIGKILL', true), 5000))
        child.on('close', () => resolve(code ?? 1))
      })
    })
    return signal.aborted ? undefined : exitCode
  } finally {
    for (const timer of timers) clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
  }
}
