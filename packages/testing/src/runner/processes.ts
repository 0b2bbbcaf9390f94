// The processes of this machine, read from /proc.
import { readFile, readdir, readlink } from 'node:fs/promises'

export interface Process {
  pid: number
  command: string
  environment: string
  directory: string
  group: number
}

/** Every process that may be looked at, but dead ones and this one. */
export async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const seen = await Promise.all(pids.filter(pid => pid !== process.pid).map(look))
  return seen.filter(found => found !== undefined)
}

async function look(pid: number): Promise<Process | undefined> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
  const [stat, command, environment, directory] = await Promise.all([
    read('stat'),
    read('cmdline'),
    read('environ'),
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
  ])
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (stat === '' || state === 'Z' || state === 'X') return undefined
  return { pid, command: command.replaceAll('\0', ' ').trim(), environment, directory, group: Number(group) }
}
