// `npm run test:real [-- jest arguments]`: the tests that need Go, Python or packages that do not belong into the lock file.
// What they need is kept outside of the clone, under a name made of what it is made from, and is made where it is missing.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { inputsOf, type Part } from '../test/real/cluster/parts.ts'
import { root } from './actions.ts'

interface Tool {
  name: string
  /** Says its version; without it the tool's tests are skipped. */
  probe: readonly string[]
  /** What the result depends on, its version aside. */
  inputs: readonly string[]
  install: (directory: string) => readonly string[]
  cwd?: string
}

const packages = {
  javascript: 'js-yaml@5.5.0',
  python: 'PyYAML==6.0.3',
  registry: 'github.com/distribution/distribution/v3/cmd/registry@v3.0.0',
}
const readers = join(root, 'test', 'real', 'readers')
const cluster = join(root, 'test', 'real', 'cluster')
const clusterScript = (name: string) => [process.execPath, join(cluster, name)]
const sources = globSync(['*.go', 'go.*'], { cwd: readers }).toSorted()
const tools: Tool[] = [
  {
    name: 'javascript',
    probe: ['npm', '--version'],
    inputs: [packages.javascript],
    install: to => ['npm', 'install', '--no-audit', '--no-fund', '--prefix', to, packages.javascript],
  },
  {
    name: 'python',
    probe: ['python3', '-m', 'pip', '--version'],
    inputs: [packages.python],
    install: to => ['python3', '-m', 'pip', 'install', '--quiet', '--target', to, packages.python],
  },
  {
    name: 'go',
    probe: ['go', 'version'],
    inputs: sources.map(file => readFileSync(join(readers, file), 'utf8')),
    install: to => [
      'go',
      'build',
      '-trimpath',
      '-buildvcs=false',
      '-ldflags=-s -w',
      '-o',
      join(to, 'readers'),
      '.',
    ],
    cwd: readers,
  },
  {
    name: 'registry',
    probe: ['go', 'version'],
    inputs: [packages.registry],
    install: to => ['env', `GOBIN=${to}`, 'go', 'install', '-trimpath', packages.registry],
  },
  ...(['core', 'flux', 'argocd'] satisfies Part[]).map(part => ({
    name: `cluster-${part}`,
    probe: ['go', 'version'],
    inputs: [...inputsOf(part), readFileSync(join(cluster, 'build.ts'), 'utf8')],
    install: (to: string) => [...clusterScript('build.ts'), part, to],
  })),
  {
    name: 'redis',
    probe: ['apt-get', '--version'],
    inputs: [readFileSync(join(cluster, 'debian.ts'), 'utf8')],
    install: to => [...clusterScript('debian.ts'), to, 'redis-server'],
  },
]

const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gitops-relay', 'real')
const installed = Object.fromEntries(
  tools.flatMap(tool => {
    const directory = install(tool)
    return directory === undefined ? [] : [[tool.name, directory]]
  }),
)

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
const given = process.argv.slice(2)
// Clusters take the whole machine: one after the other, and nothing beside them.
const lanes = [['/test/real/cluster/'], ['/test/real/(?!cluster/)', '--runInBand', '--maxConcurrency=4']]
const statuses = lanes.map(
  ([others, ...flags]) =>
    spawnSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        jest,
        ...given,
        ...flags,
        '--passWithNoTests',
        '--testPathIgnorePatterns=/node_modules/',
        `--testPathIgnorePatterns=${others}`,
        `--roots=${join(root, 'test', 'real')}`,
        '--reporters=default',
        `--reporters=${join(root, 'scripts', 'test-reporter.cjs')}`,
      ],
      { cwd: root, stdio: 'inherit', env: { ...process.env, GITOPS_RELAY_REAL: JSON.stringify(installed) } },
    ).status ?? 1,
)
process.exit(Math.max(...statuses))

/** Where it is; `undefined` on a machine that cannot have it. */
function install({ name, probe, inputs, install: command, cwd }: Tool): string | undefined {
  const version = run(probe, 'pipe')
  if (version.status !== 0) {
    console.error(`${probe.join(' ')} does not run here: the tests of ${name} are skipped.`)
    return undefined
  }
  const key = createHash('sha256').update(JSON.stringify([version.stdout.toString(), inputs]))
  const directory = join(cache, `${name}-${key.digest('hex').slice(0, 16)}`)
  mkdirSync(cache, { recursive: true })
  if (existsSync(directory)) return directory
  console.error(`Installing what the tests of ${name} need (once) …`)
  const draft = mkdtempSync(`${directory}-`)
  if (run(command(draft), 2, cwd).status !== 0) {
    rmSync(draft, { recursive: true })
    console.error('The installation failed; its own message stands above.')
    process.exit(1)
  }
  // A lane beside this one may have come first, and the same came out of it.
  if (existsSync(directory)) rmSync(draft, { recursive: true })
  else renameSync(draft, directory)
  return directory
}

function run([program = '', ...rest]: readonly string[], output: 'pipe' | 2, cwd = root) {
  return spawnSync(program, rest, { cwd, stdio: ['ignore', output, output] })
}
