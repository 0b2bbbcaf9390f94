import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from '@jest/globals'
import { execute } from './execute.ts'
import { createLineSplitter } from './lines.ts'
import type { CommandOptions } from './types.ts'

const node = (script: string, options: Partial<CommandOptions> = {}) =>
  execute([process.execPath, '-e', script], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'] ?? '' },
    ...options,
  })
const sh = (script: string, options: Partial<CommandOptions> = {}) =>
  execute(['sh', '-c', script], { cwd: tmpdir(), env: { PATH: process.env['PATH'] ?? '' }, ...options })

/** A killed process whose parent is gone may stay in the table until init looks after it. */
const isAlive = (pid: number) => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Aborts once the child has said something. */
function stopOnFirstLine() {
  const stop = new AbortController()
  const lines: string[] = []
  const onLine = (line: string) => {
    lines.push(line)
    stop.abort(new Error('stopped'))
  }
  return { signal: stop.signal, onLine, lines }
}

describe('how a program ended', () => {
  test('by itself', async () => {
    expect(await sh('echo out; echo err >&2; exit 3')).toMatchObject({
      exitCode: 3,
      signal: undefined,
      status: 3,
      timedOut: false,
      outOfMemory: false,
      stdout: 'out\n',
      stderr: 'err\n',
      dropped: 0,
    })
  })

  test('by a signal', async () => {
    expect(await sh('kill -9 $$')).toMatchObject({
      exitCode: undefined,
      signal: 'SIGKILL',
      status: 137,
      outOfMemory: false,
    })
  })

  test('by our time limit', async () => {
    expect(await node('setInterval(() => {}, 1000)', { timeout: 100 })).toMatchObject({
      timedOut: true,
      signal: 'SIGTERM',
    })
  })

  test('not at all, for it is not there', async () => {
    const started = execute(['no-such-program'], { cwd: tmpdir(), env: { PATH: '/nowhere' } })
    await expect(started).rejects.toMatchObject({ code: 'not-installed' })
  })

  test('not at all, for its directory is not there', async () => {
    await expect(sh('true', { cwd: '/no/such/directory' })).rejects.toMatchObject({ code: 'no-directory' })
  })

  test('too many arguments are refused in a sentence', async () => {
    const started = execute(['true', 'x'.repeat(3_000_000)], {
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'] ?? '' },
    })
    await expect(started).rejects.toMatchObject({ code: 'too-many-arguments' })
  })
})

describe('an abort ends the whole group', () => {
  test('with the reason of the signal', async () => {
    const { signal, onLine } = stopOnFirstLine()
    await expect(sh('echo ready; sleep 60', { signal, onLine })).rejects.toThrow('stopped')
  })

  test('children of children too, which ignore what can be ignored', async () => {
    const { signal, onLine, lines } = stopOnFirstLine()
    const script = `trap '' TERM; (trap '' TERM; sleep 60) & echo $!; wait`
    await expect(sh(script, { signal, onLine, grace: 100 })).rejects.toThrow('stopped')
    const pid = Number(lines[0])
    expect(pid).toBeGreaterThan(1)
    expect(isAlive(pid)).toBe(false)
  })

  test('before the start nothing is started', async () => {
    const reason = new Error('too late')
    await expect(sh('echo x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

test('a background process that keeps the pipes cannot keep us', async () => {
  const { stdout, duration } = await sh('sleep 30 & echo $!')
  process.kill(Number(stdout), 'SIGKILL')
  expect(duration).toBeLessThan(10_000)
}, 15_000)

describe('output', () => {
  test('comes in lines, whole characters, and pieces of a long line', async () => {
    const lines: string[] = []
    const script = `
      process.stdout.write(Buffer.from('a\\r\\n\\u20ac').subarray(0, 4));
      setTimeout(() => process.stdout.write(Buffer.concat([Buffer.from('\\u20ac').subarray(1), Buffer.from('\\n\\n' + 'x'.repeat(150000))])), 50)`
    await node(script, { onLine: line => lines.push(line) })
    expect(lines.slice(0, 3)).toEqual(['a', '€', ''])
    expect(lines.slice(3).map(line => line.length)).toEqual([65536, 65536, 150000 - 2 * 65536])
  })

  test('is never cut within a character, nor by an empty line at the end of a full piece', () => {
    const lines: string[] = []
    const splitter = createLineSplitter(line => lines.push(line))
    const text = `${'x'.repeat(65_535)}😀\n${'y'.repeat(65_536)}`
    splitter.add(Buffer.from(text))
    splitter.add(Buffer.from('\n'))
    splitter.end()
    expect(lines).toEqual(['x'.repeat(65_535), '😀', 'y'.repeat(65_536)])
  })

  test.each`
    keep      | text
    ${'head'} | ${'0123'}
    ${'tail'} | ${'6789'}
  `('is kept within the limit: $keep', async ({ keep, text }: Record<string, string>) => {
    const ended = await sh('printf 0123456789', { limit: 4, keep: keep === 'head' ? 'head' : 'tail' })
    expect([ended.stdout, ended.dropped]).toEqual([text, 6])
  })

  test('of a hundred megabytes costs no more than its limit', async () => {
    const { dropped, stdout } = await sh('head -c 100000000 /dev/zero', { limit: 1000 })
    expect([dropped, stdout.length]).toEqual([99_999_000, 1000])
  })
})

test('input is written and closed; a child that does not read it does no harm', async () => {
  expect(await sh('cat', { input: 'héllo' })).toMatchObject({ stdout: 'héllo' })
  expect(await sh('exec 0<&-; exit 4', { input: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 4 })
})

test('the environment is the one that was given', async () => {
  expect((await sh('echo "$HOME|$A"', { env: { A: 'b', PATH: process.env['PATH'] ?? '' } })).stdout).toBe(
    '|b\n',
  )
})
