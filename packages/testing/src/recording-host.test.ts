import { access, stat } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { recordingHost } from './recording-host.ts'

test('what an action says is kept in order, without its secrets', async () => {
  await using host = await recordingHost({ run: { event: 'schedule' } })
  host.mask('s3cret')
  host.log.info('token s3cret')
  await host.log.group('Pushing', async () => host.log.warning('slow s3cret', { file: 'a.yaml', line: 3 }))
  expect(host.lines).toEqual(['token ***', 'Pushing', 'warning: slow ***'])
  expect(host.annotations).toEqual([
    { level: 'warning', text: 'slow ***', place: { file: 'a.yaml', line: 3 } },
  ])
  expect(host.run).toMatchObject({ event: 'schedule', repository: 'acme/shop' })
})

test('the private directory is one, closed to others, and gone at the end', async () => {
  const order: string[] = []
  let directory = ''
  {
    await using host = await recordingHost()
    directory = await host.temporaryDirectory()
    expect(await host.temporaryDirectory()).toBe(directory)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    host.atEnd(() => void order.push('first'))
    host.atEnd(() => void order.push('second'))
  }
  expect(order).toEqual(['second', 'first'])
  await expect(access(directory)).rejects.toThrow('ENOENT')
})
