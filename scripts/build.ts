// Bundles actions into their dist/ folders: `npm run build [-- name …] [-- --out directory]`.
import { spawn } from 'node:child_process'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { actionNames, root } from './actions.ts'

const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true })
const chosen = positionals.length === 0 ? actionNames : positionals

for (const name of chosen) {
  const target = values.out === undefined ? join(root, 'actions', name, 'dist') : join(values.out, name)
  await bundle(name, target)
  console.log(`${name}: bundled`)
}

/** The old bundle stays until the new one is complete. */
async function bundle(name: string, target: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bundle-'))
  try {
    const ncc = join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js')
    const entry = join(root, 'actions', name, 'src', 'index.ts')
    const argv = [ncc, 'build', entry, '--out', directory, '--target', 'es2024', '--no-cache', '--quiet']
    const child = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    const exitCode = await new Promise(resolve => child.on('close', resolve))
    if (exitCode !== 0) throw new Error(`ncc could not bundle ${name}.`)
    await rm(target, { recursive: true, force: true })
    await rename(directory, target).catch(async () => {
      const { cp } = await import('node:fs/promises')
      await cp(directory, target, { recursive: true })
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
