// One phase of a step as a process: started as the runner starts it, cancelled as the runner cancels it.
import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import type { Environment } from './environment.ts'
import { processes } from './processes.ts'
import type { Process } from './processes.ts'

export interface ChildOptions {
  entry: string
  directory: string
  env: Environment
  /** When to cancel: milliseconds, a signal, or when this is true of the log so far. */
  cancelAfter?: number | AbortSignal | ((log: string) => boolean)
  /** `SIGKILL`: the process alone dies at once, as where memory ends; default: by the ladder. */
  cancelBy?: 'SIGKILL'
  /** Milliseconds from SIGINT to SIGTERM, and on to SIGKILL. */
  ladder: readonly [interrupt: number, terminate: number]
  /** Milliseconds after which all is killed and the run is an error. */
  timeout: number
  /** Path that is in the environment, the directory or the arguments of everything that the step starts. */
  mark: string
}

export interface ChildEnded {
  exitCode: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** Lines of both streams in the order of their arrival. */
  lines: string[]
  /** Processes that were left, killed by now. */
  orphans: { pid: number; command: string }[]
  /** Milliseconds from the cancellation to the end. */
  cancelledFor: number | undefined
  /** Milliseconds since the epoch, with fractions. */
  startedAt: number
  duration: number
}

/** The runner waits so long for pipes that a grandchild holds open. */
const openPipes = 5000

export async function runChild(options: ChildOptions): Promise<ChildEnded> {
  const { entry, directory, env, cancelAfter, ladder, timeout, mark } = options
  const started = performance.now()
  const child = spawn(process.execPath, [entry], {
    cwd: directory,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const over = new AbortController()
  const log = { stdout: '', stderr: '', lines: [] as string[] }
  let cancelledAt: number | undefined

  const kill = async () => {
    for (const { pid } of await left(child.pid ?? 0, mark)) send(pid, 'SIGKILL')
  }
  const cancel = () => {
    if (cancelledAt !== undefined || over.signal.aborted) return
    cancelledAt = performance.now()
    climb().catch(() => {})
  }
  const climb = async () => {
    child.kill(options.cancelBy ?? 'SIGINT')
    if (options.cancelBy) return
    await delay(ladder[0], undefined, { signal: over.signal })
    child.kill('SIGTERM')
    await delay(ladder[1], undefined, { signal: over.signal })
    await kill()
  }
  collect('stdout')
  collect('stderr')
  if (typeof cancelAfter === 'number')
    delay(cancelAfter, undefined, { signal: over.signal }).then(cancel, () => {})
  if (cancelAfter instanceof AbortSignal) {
    if (cancelAfter.aborted) cancel()
    cancelAfter.addEventListener('abort', cancel, { once: true, signal: over.signal })
  }

  let late = false
  delay(timeout, undefined, { signal: over.signal }).then(
    () => {
      late = true
      return kill()
    },
    () => {},
  )
  const closed = new Promise(done => child.once('close', done))
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, failed) =>
    child.once('error', failed).once('exit', (...ended) => done(ended)),
  )
  const ended = performance.now()
  over.abort()
  const drained = new AbortController()
  await Promise.race([closed, delay(openPipes, undefined, { signal: drained.signal }).catch(() => {})])
  drained.abort()
  const orphans = (await settled(child.pid ?? 0, mark)).map(({ pid, command }) => ({ pid, command }))
  for (const { pid } of orphans) send(pid, 'SIGKILL')
  await closed
  if (late) throw new Error(`${entry} did not end within ${timeout} ms:\n${log.lines.join('\n')}`)
  const cancelledFor = cancelledAt === undefined ? undefined : ended - cancelledAt
  const startedAt = performance.timeOrigin + started
  return { exitCode, signal, ...log, orphans, cancelledFor, startedAt, duration: ended - started }

  function collect(name: 'stdout' | 'stderr') {
    let rest = ''
    child[name].setEncoding('utf8').on('data', (text: string) => {
      log[name] += text
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      log.lines.push(...lines.map(line => line.replace(/\r$/, '')))
      if (typeof cancelAfter === 'function' && cancelAfter([...log.lines, rest].join('\n'))) cancel()
    })
    child[name].on('end', () => void (rest === '' || log.lines.push(rest)))
  }
}

/** What is still there when it had a moment to go by itself. */
async function settled(group: number, mark: string): Promise<Process[]> {
  const until = performance.now() + 500
  for (;;) {
    const found = await left(group, mark)
    if (found.length === 0 || performance.now() > until) return found
    await delay(10)
  }
}

async function left(group: number, mark: string): Promise<Process[]> {
  const belongs = (found: Process) =>
    found.group === group ||
    [found.environment, found.directory, found.command].some(text => text.includes(mark))
  return (await processes()).filter(belongs)
}

function send(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}
