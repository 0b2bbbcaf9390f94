// Runs every test that needs no more than Node and git: `npm test [-- jest arguments]`; `npm run test:long` does so more often.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './actions.ts'

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
const reporters = ['--reporters=default', `--reporters=${join(root, 'scripts', 'test-reporter.cjs')}`]
const given = process.argv.slice(2).filter(argument => argument !== '--long')
const lane = given.length < process.argv.length - 2 ? 'long' : 'fast'
const { status } = spawnSync(process.execPath, [...flags, jest, ...given, ...reporters], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, GITOPS_RELAY_LANE: lane },
})
process.exit(status ?? 1)
