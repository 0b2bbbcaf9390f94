// A child process in a group of its own, from its start to the end of everything it started.
import { spawn, type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { createCapture } from './capture.ts'
import { createLineSplitter } from './lines.ts'
import { outOfMemoryKills } from './memory.ts'
import type { Argv, CommandOptions, Ended } from './types.ts'

const GRACE = 5000
/** How long pipes may stay open after the program ended: whoever holds them then is a stray of its own making. */
const LINGER = 5000
const LIMIT = 1024 * 1024

export async function execute(argv: Argv, options: CommandOptions): Promise<Ended> {
  const { cwd, env, input, signal, grace = GRACE, timeout, onLine, limit = LIMIT, keep = 'tail' } = options
  signal?.throwIfAborted()
  const started = performance.now()
  const killsBefore = outOfMemoryKills()
  const grouped = process.platform !== 'win32'
  const child = start(argv, cwd, { env, detached: grouped, windowsHide: true, stdio: 'pipe' })
  const captures = { stdout: createCapture(limit, keep), stderr: createCapture(limit, keep) }
  const splitters = (['stdout', 'stderr'] as const).map(name => {
    const splitter = createLineSplitter(line => onLine?.(line, name))
    child[name].on('data', (bytes: Buffer) => {
      captures[name].add(bytes)
      if (onLine !== undefined) splitter.add(bytes)
    })
    return splitter
  })
  // A child that does not read its input closes the pipe; how it ends tells the story.
  child.stdin.on('error', () => {})
  child.stdin.end(input)

  const stopping = createStop(child, grace, grouped)
  const onAbort = () => stopping.stop()
  signal?.addEventListener('abort', onAbort, { once: true })
  let timedOut = false
  const timer =
    timeout === undefined ? undefined : setTimeout(() => ((timedOut = true), stopping.stop()), timeout)
  try {
    const [exitCode, endSignal] = await ending(child, argv, cwd)
    stopping.finish()
    for (const splitter of splitters) splitter.end()
    signal?.throwIfAborted()
    return {
      exitCode: exitCode ?? undefined,
      signal: endSignal ?? undefined,
      status: exitCode ?? 128 + (endSignal === null ? 0 : constants.signals[endSignal]),
      timedOut,
      outOfMemory: (endSignal === 'SIGKILL' || exitCode === 137) && outOfMemoryKills() > killsBefore,
      stdout: captures.stdout.text(),
      stderr: captures.stderr.text(),
      dropped: captures.stdout.dropped() + captures.stderr.dropped(),
      duration: performance.now() - started,
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

/** Some refusals of the system come at once, others as an event. */
function start(argv: Argv, cwd: string, options: SpawnOptionsWithoutStdio): ChildProcessWithoutNullStreams {
  try {
    return spawn(argv[0], argv.slice(1), { ...options, cwd })
  } catch (error) {
    throw refusal(error, argv, cwd)
  }
}

type Ending = [exitCode: number | null, signal: NodeJS.Signals | null]

/** The program's own end, and then that of its pipes, for at most `LINGER`. */
async function ending(child: ChildProcessWithoutNullStreams, argv: Argv, cwd: string): Promise<Ending> {
  const closed = once(child, 'close')
  closed.catch(() => {})
  let ended: Ending
  try {
    ended = (await once(child, 'exit')) as Ending // oxlint-disable-line no-unsafe-type-assertion -- Node's own event
  } catch (error) {
    throw refusal(error, argv, cwd)
  }
  const late = new AbortController()
  const linger = setTimeout(() => late.abort(), LINGER)
  await Promise.race([closed, once(late.signal, 'abort')])
  clearTimeout(linger)
  child.stdout.destroy()
  child.stderr.destroy()
  return ended
}

/** Ends a whole group: SIGTERM, and SIGKILL after `grace` or once the leader is gone. */
function createStop(child: ChildProcessWithoutNullStreams, grace: number, grouped: boolean) {
  let kill: NodeJS.Timeout | undefined
  const send = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return
    try {
      if (grouped) process.kill(-child.pid, signal)
      else child.kill(signal)
    } catch {
      // Nobody is left in the group.
    }
  }
  return {
    stop() {
      if (kill !== undefined) return
      send('SIGTERM')
      kill = setTimeout(() => send('SIGKILL'), grace)
    },
    /** What outlives a stopped leader is killed too; after a natural end, background processes are the user's choice. */
    finish() {
      if (kill === undefined) return
      clearTimeout(kill)
      send('SIGKILL')
    },
  }
}

function refusal(error: unknown, [program]: Argv, cwd: string): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  const name = JSON.stringify(program)
  const cause = { cause: error }
  switch (code) {
    case 'ENOENT':
      // The system says the same of a directory that is not there.
      if (!existsSync(cwd)) {
        const sentence = `The directory ${JSON.stringify(cwd)} does not exist.`
        return new UserError('no-directory', sentence, 'Check out or create it before this step.', cause)
      }
      return new UserError(
        'not-installed',
        `The program ${name} was not found.`,
        'Install it, or correct PATH.',
        cause,
      )
    case 'EACCES':
      return new UserError('not-executable', `${name} may not be run.`, 'Give it the executable bit.', cause)
    case 'E2BIG':
      return new UserError(
        'too-many-arguments',
        `${name} was given too long arguments.`,
        'Pass fewer files.',
        cause,
      )
    default:
      return error
  }
}
