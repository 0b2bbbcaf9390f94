// One step: its files, its child, what it said to the runner.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCommand, parseFile } from './commands.ts'
import { runChild } from './child.ts'
import type { Masks } from './masks.ts'
import type { Annotation } from './types.ts'

const FILES = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const
const SUMMARY_LIMIT = 1024 * 1024
const ANNOTATIONS = 10

/** What a child left for the runner. */
export interface Effects {
  exitCode: number | undefined
  outputs: Record<string, string>
  env: Record<string, string>
  path: string[]
  state: Record<string, string>
  summary: string
  annotations: Annotation[]
}

export interface Phase {
  argv: readonly [string, ...string[]]
  cwd: string
  env: Record<string, string>
  /** Directory for the files of this phase. */
  directory: string
  masks: Masks
  signal: AbortSignal
  ladder: readonly [number, number]
  /** A masked line of the log. */
  print: (line: string) => void
}

export async function runPhase({
  argv,
  cwd,
  env,
  directory,
  masks,
  signal,
  ladder,
  print,
}: Phase): Promise<Effects> {
  await mkdir(directory, { recursive: true })
  const paths = Object.fromEntries(FILES.map(name => [name, join(directory, name.toLowerCase())]))
  await Promise.all(Object.values(paths).map(path => writeFile(path, '')))
  const annotations: Annotation[] = []
  const state: Record<string, string> = {}
  let stopped: string | undefined

  const onLine = (line: string) => {
    const command = parseCommand(line)
    if (command === undefined || (stopped !== undefined && command.name !== stopped.toLowerCase()))
      return print(masks.hide(line))
    const { name, properties, data } = command
    switch (name) {
      case 'add-mask':
        return masks.add(data)
      case 'stop-commands':
        stopped = data
        return
      case 'notice':
      case 'warning':
      case 'error': {
        const message = masks.hide(data).slice(0, 4096)
        if (annotations.filter(({ level }) => level === name).length < ANNOTATIONS)
          annotations.push({ level: name, message, properties })
        return print(`${name}: ${message}`)
      }
      case 'group':
        return print(`▸ ${masks.hide(data)}`)
      case 'endgroup':
      case 'debug':
      case 'echo':
      case 'add-matcher':
      case 'remove-matcher':
        return
      case 'save-state':
        state[properties['name'] ?? ''] = data
        return
      case 'set-output':
      case 'set-env':
      case 'add-path':
        return print(`The command ${name} is disabled; write to the environment file.`)
      default:
        if (name === stopped?.toLowerCase()) stopped = undefined
        else print(masks.hide(line))
    }
  }

  const exitCode = await runChild(argv, { cwd, env: { ...env, ...paths }, onLine, signal, ladder })
  const read = async (name: (typeof FILES)[number]) => readFile(paths[name] ?? '', 'utf8').catch(() => '')
  const summary = await read('GITHUB_STEP_SUMMARY')
  const effects = {
    exitCode,
    outputs: parseFile(await read('GITHUB_OUTPUT')),
    env: parseFile(await read('GITHUB_ENV')),
    path: (await read('GITHUB_PATH')).split('\n').filter(line => line !== ''),
    state: { ...state, ...parseFile(await read('GITHUB_STATE')) },
    summary: Buffer.byteLength(summary) > SUMMARY_LIMIT ? '' : masks.hide(summary),
    annotations,
  }
  await rm(directory, { recursive: true, force: true })
  return effects
}
