import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { gitServer } from '../git/git-server.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { encodings } from './encodings.ts'
import { findSecret } from './find-secret.ts'
import { watchArguments } from './watch-arguments.ts'

const secret = `s3cr&t "it's" <a/b+c>?~`

test('there are twelve forms, and each is its own for a secret with every kind of character', () => {
  const forms = encodings(secret)
  expect(forms.size).toBe(12)
  expect([...forms.values()].every(texts => texts.length > 0)).toBe(true)
})

test.each([
  ['raw', `password: ${secret}`],
  ['base64', Buffer.from(secret).toString('base64')],
  ['base64, one byte in', Buffer.from(`a${secret} and more`).toString('base64')],
  ['base64, two bytes in', Buffer.from(`x-access-token:..${secret}`).toString('base64')],
  ['base64url', Buffer.from(secret).toString('base64url')],
  ['hex', Buffer.from(secret).toString('hex')],
  ['HEX', Buffer.from(secret).toString('hex').toUpperCase()],
  ['URI', `https://host/?q=${encodeURIComponent(secret)}`],
  ['URI', new URLSearchParams({ secret }).toString()],
  ['JSON', JSON.stringify({ secret })],
  ['XML', `<a b="s3cr&amp;t &quot;it&apos;s&quot; &lt;a/b+c&gt;?~"/>`],
  ['shell', `curl 's3cr&t "it'\\''s" <a/b+c>?~'`],
  ['reversed', Array.from(secret).toReversed().join('')],
])('%s is found', async (encoding, text) => {
  expect(await findSecret(secret, { texts: { log: text } })).toContainEqual({ place: 'log', encoding })
})

test('a text without it has no hit, and an object is looked at value by value', async () => {
  expect(await findSecret(secret, { texts: { log: 'nothing', outputs: { a: 'b' } } })).toEqual([])
  expect(await findSecret(secret, { texts: { outputs: { a: { b: secret } } } })).toEqual([
    { place: 'outputs', encoding: 'raw' },
  ])
})

test('files, their names, packed files and the objects of a repository are read', async () => {
  await using temporary = await temporaryDirectory()
  await writeFile(`${temporary.path}/config`, `token=${secret}`)
  await writeFile(`${temporary.path}/archive`, gzipSync(secret))
  await writeFile(`${temporary.path}/${Buffer.from(secret).toString('hex')}`, '')
  await using server = await gitServer({ directory: temporary.path })
  await server.createRepository('repo', { file: secret })
  const hits = await findSecret(secret, { directories: [temporary.path] })
  expect(
    hits.map(({ place, encoding }) => `${place.replace(temporary.path, '')} ${encoding}`).toSorted(),
  ).toEqual([' hex', '/archive, unpacked raw', '/config raw', `objects of /repo.git raw`])
})

test('arguments and environments of other processes are seen while they run', async () => {
  await using watch = await watchArguments(secret)
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()', secret], {
    stdio: 'pipe',
    env: { MINE: secret },
  })
  while (watch.arguments.length === 0 || watch.environments.length === 0) await new Promise(setImmediate)
  child.stdin.end()
  await once(child, 'close')
  expect(watch.arguments).toContainEqual({
    place: `arguments of process ${child.pid} (${process.execPath})`,
    encoding: 'raw',
  })
  expect(watch.environments.map(({ place }) => place)).toContain(
    `environments of process ${child.pid} (${process.execPath})`,
  )
})
