// Runs a script of this repository on the Node that GitHub's runner has, on a machine with any Node from 20 and git.
// Installs first when the lock file has changed since the last installation. Plain JavaScript: the caller's Node runs it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PNPM = 'pnpm@12.21.0'
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'node_modules', '.installed')
const windows = process.platform === 'win32'

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Node ${process.versions.node} is too old here. Install Node 20 or newer.`)
  process.exit(1)
}

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'pnpm-lock.yaml')))
  .update(readFileSync(join(root, 'pnpm-workspace.yaml')))
  .digest('hex')
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.error('Installing dependencies (once, from the lock file) …')
  const install = spawnSync(
    'npx',
    ['--yes', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: windows, // npx is a .cmd file there; every argument is a constant
    },
  )
  if (install.status !== 0) {
    console.error('The installation failed; its own message stands above.')
    process.exit(install.status ?? 1)
  }
  writeFileSync(stamp, wanted)
}

const node24 = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node')
const [script, ...rest] = process.argv.slice(2)
const separator = windows ? ';' : ':'
const child = spawnSync(node24, ['--disable-warning=ExperimentalWarning', join(root, script), ...rest], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node24)}${separator}${process.env.PATH ?? ''}` },
})
if (child.error) console.error(`Node 24 did not start: ${child.error.message}`)
process.exit(child.status ?? 1)
