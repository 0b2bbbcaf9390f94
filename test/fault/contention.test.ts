// As many writers as there may be, all at once, on neighbouring lines of one file: each lands once, and nothing is lost.
import { expect, test } from '@jest/globals'
import { land, type Head, type Proposal } from '@gitops-relay/config-repo'
import { gitServer, temporaryDirectory } from '@gitops-relay/testing'
import { draft, fight, openRepository } from '../../packages/config-repo/src/world.ts'
import { inLane } from '../lane.ts'

const file = 'apps/tags.yaml'
const MINUTES = 60_000

test.each(
  inLane(
    [{ writers: 10, failing: 0, pushes: 5 }],
    [
      { writers: 50, failing: 0, pushes: 3 },
      // An answer of the server that is an error costs a push, too.
      { writers: 50, failing: 0.1, pushes: 6 },
    ],
  ),
)(
  '$writers writers, and $failing of the requests fail',
  async ({ writers, failing, pushes }) => {
    await using server = await gitServer()
    await using directory = await temporaryDirectory()
    const names = Array.from({ length: writers }, (_, index) => `app-${index}`)
    const text = (tag: string) => names.map(name => `${name}: ${tag} # keep\n`).join('')
    await server.createRepository('config', { [file]: text('1') })
    if (failing > 0) server.fail({ kind: 'status', status: 503, share: failing, times: 1e6 })

    const propose = (name: string) => async (head: Head) => {
      const [found] = await head.files([{ paths: [file] }])
      const before = Buffer.from(found?.bytes ?? []).toString()
      const after = before.replace(`${name}: 1 `, `${name}: 2 `)
      const proposal: Proposal<string> = { result: name, draft: draft({ [file]: after }) }
      return proposal
    }
    const begun = performance.now()
    const landed = await Promise.all(
      names.map(async name => {
        const repository = await openRepository(directory.path, server.url('config'))
        return land(repository, propose(name), fight({ timeout: 5 * MINUTES }))
      }),
    )
    const most = Math.max(...landed.map(({ attempts }) => attempts))
    const sum = landed.reduce((all, { attempts }) => all + attempts, 0)
    process.stderr.write(
      `${writers} writers: ${sum} pushes, at most ${most} of one, ${Math.round((performance.now() - begun) / 1000)} s\n`,
    )

    expect(await server.read('config', 'main', file)).toBe(text('2'))
    const log = await server.log('config', 'main')
    expect(log).toHaveLength(writers + 1)
    expect(log.every(({ parents }) => parents.length <= 1)).toBe(true)
    expect(new Set(landed.map(({ commit }) => commit)).size).toBe(writers)
    expect(most).toBeLessThanOrEqual(pushes)
  },
  6 * MINUTES,
)
