// `node build.ts <part> <directory>`: builds a part of the cluster into a directory. Go's own caches make the next build quick;
// nothing is written outside of them and of the directory.
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parts, programs, type Build } from './parts.ts'

const [part, directory = ''] = process.argv.slice(2)
const table: Readonly<Record<string, readonly Build[]>> = parts
const builds = table[part ?? '']
if (builds === undefined || directory === '')
  throw new Error(`Write: node build.ts <${Object.keys(parts).join('|')}> <directory>`)
builds.forEach(build)

function build({ from, packages, set = {}, files = {}, mend }: Build) {
  const folder = mend === undefined ? join(programs, from) : mended(from, mend)
  for (const [name, path] of Object.entries(packages)) {
    const flags = [
      '-s',
      '-w',
      ...Object.entries(set).flatMap(([variable, value]) => ['-X', `${variable}=${value}`]),
    ]
    const started = Date.now()
    go(folder, [
      'build',
      '-trimpath',
      '-buildvcs=false',
      `-ldflags=${flags.join(' ')}`,
      '-o',
      join(directory, name),
      path,
    ])
    console.error(`${name}: ${Math.round((Date.now() - started) / 1000)} s`)
  }
  for (const [to, { module, paths }] of Object.entries(files)) {
    const source = go(folder, ['list', '-m', '-f', '{{.Dir}}', module]).trim()
    mkdirSync(join(directory, to), { recursive: true })
    // Not by cpSync: what Go keeps may not be written, and neither could the copy.
    for (const file of globSync([...paths], { cwd: source }))
      writeFileSync(join(directory, to, basename(file)), readFileSync(join(source, file)), { mode: 0o755 })
  }
  if (mend !== undefined) rmSync(folder, { recursive: true, force: true })
}

/** A module of the program with one line of a module that it needs changed. */
function mended(from: string, [module, file, before, after]: NonNullable<Build['mend']>): string {
  const folder = mkdtempSync(`${directory}-mended-`)
  for (const name of ['go.mod', 'go.sum']) cpSync(join(programs, from, name), join(folder, name))
  go(folder, ['mod', 'download', module])
  const source = go(folder, ['list', '-m', '-f', '{{.Dir}}', module]).trim()
  const copy = join(folder, 'module')
  spawn(folder, ['cp', '-R', '--', source, copy])
  spawn(folder, ['chmod', '-R', 'u+w', '--', copy])
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(before).length !== 2) throw new Error(`${file} of ${module} has ${before} not exactly once.`)
  writeFileSync(path, text.replace(before, after))
  go(folder, ['mod', 'edit', `-replace=${module}=./module`])
  return folder
}

function go(folder: string, args: readonly string[]): string {
  return spawn(folder, ['go', ...args])
}

function spawn(cwd: string, [program = '', ...rest]: readonly string[]): string {
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off' }
  const { status, stdout } = spawnSync(program, rest, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 2],
    maxBuffer: 1e8,
  })
  if (status !== 0) throw new Error(`${program} ${rest.join(' ')} failed in ${cwd}.`)
  return stdout.toString()
}
