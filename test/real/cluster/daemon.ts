// A program that runs while a test does.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface Program {
  name: string
  /** Absolute path, or a name on PATH. */
  program: string
  args: readonly string[]
  env?: Readonly<Record<string, string>>
  /** Where its log goes, as `<name>.log`. */
  logs: string
  /** It serves when this is true; thrown errors count as "not yet". */
  ready: () => Promise<boolean>
}

export interface Daemon extends AsyncDisposable {
  name: string
}

const PATIENCE = 90_000
const GRACE = 4000

/** Starts it and waits until it serves. Thrown: Error with the end of its log when it ends before, or never does. */
export async function daemon({ name, program, args, env = {}, logs, ready }: Program): Promise<Daemon> {
  const file = join(logs, `${name}.log`)
  const log = openSync(file, 'a')
  // Whatever ends this process ends its children, too.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: logs, ...env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const ended = once(child, 'exit')
  // oxlint-disable-next-line no-floating-promises -- settles nothing that is waited for
  ended.catch(() => {})
  const running = () => child.exitCode === null && child.signalCode === null
  const started: Daemon = {
    name,
    async [Symbol.asyncDispose]() {
      child.kill()
      const mercy = setTimeout(() => child.kill('SIGKILL'), GRACE)
      if (running()) await ended
      clearTimeout(mercy)
    },
  }
  for (const until = Date.now() + PATIENCE; running() && Date.now() < until; await delay(50))
    if (await ready().catch(() => false)) return started
  await started[Symbol.asyncDispose]()
  const end = readFileSync(file, 'utf8').split('\n').slice(-15).join('\n')
  throw new Error(`${name} did not start to serve:\n${end}`)
}

/** Does a URL answer with 2xx? */
export const answers = (url: string) => async (): Promise<boolean> =>
  (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok

/** Ports of 127.0.0.1 that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return ports
}
