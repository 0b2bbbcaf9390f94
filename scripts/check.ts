// Types, lint and format: `npm run check`; `npm run format` writes what the formatter wants.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './actions.ts'

const write = process.argv.includes('--write')
const modules = join(root, 'node_modules')
const checks: Record<string, string[]> = {
  types: [join(modules, 'typescript', 'bin', 'tsc'), '--noEmit', '-p', root],
  lint: [join(modules, 'oxlint', 'bin', 'oxlint'), '--type-aware', root],
  format: [
    join(modules, 'prettier', 'bin', 'prettier.cjs'),
    write ? '--write' : '--check',
    '--log-level=warn',
    root,
  ],
}

const failed = Object.entries(checks)
  .filter(([name]) => !write || name === 'format')
  .filter(([name, argv]) => {
    const { status } = spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit' })
    console.log(`${name}: ${status === 0 ? 'clean' : 'not clean'}`)
    return status !== 0
  })
process.exit(failed.length === 0 ? 0 : 1)
