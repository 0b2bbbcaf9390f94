// `node debian.ts <directory> <package>`: unpacks a Debian package, and those it needs that are not installed, into a directory.
// Nothing is installed, no service starts, and no rights are needed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const [directory = '', name = ''] = process.argv.slice(2)
const downloads = mkdtempSync(`${directory}-debs-`)
try {
  const plan = run('apt-get', ['install', '--simulate', '--no-install-recommends', '--', name])
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, found = '']) => found)
  run('apt-get', ['download', '--', ...(missing.length > 0 ? missing : [name])])
  for (const file of readdirSync(downloads)) run('dpkg-deb', ['--extract', join(downloads, file), directory])
} finally {
  rmSync(downloads, { recursive: true })
}

function run(program: string, args: readonly string[]): string {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout } = spawnSync(program, args, { cwd: downloads, env, stdio: ['ignore', 'pipe', 2] })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed; "apt-get update" may help.`)
  return stdout.toString()
}
