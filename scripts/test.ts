// Runs every test that needs no more than Node and git: `npm test [-- jest arguments]`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './actions.ts'

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
const reporters = ['--reporters=default', `--reporters=${join(root, 'scripts', 'test-reporter.cjs')}`]
const { status } = spawnSync(process.execPath, [...flags, jest, ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(status ?? 1)
