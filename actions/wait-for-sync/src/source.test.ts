import { describe, expect, test } from '@jest/globals'
import { recordingHost } from '@gitops-relay/testing'
import { sourceOf } from './source.ts'

const BUILT = 'b'.repeat(40)
const OF_RUN = '1'.repeat(40)
const ours = { owner: 'acme', repo: 'shop', sha: OF_RUN }
const message = (...trailers: string[]) => `deploy(shop): 1 → 2\n\n- a.yaml\n\n${trailers.join('\n')}\n`

describe('which commit is being deployed', () => {
  test.each<{ what: string; trailers: string[]; source: object | undefined }>`
    what                                | trailers                                                                                         | source
    ${'no trailer: that of the run'}    | ${[]}                                                                                            | ${ours}
    ${'the trailers'}                   | ${['Source-Repository: acme/web', `Source-Commit: ${BUILT}`]}                                    | ${{ owner: 'acme', repo: 'web', sha: BUILT }}
    ${'no repository: that of the run'} | ${[`Source-Commit: ${BUILT}`]}                                                                   | ${{ ...ours, sha: BUILT }}
    ${'a squash of two: the last'}      | ${[`Source-Commit: ${OF_RUN}`, '* deploy(shop): 2 → 3', `Source-Commit: ${BUILT}`]}              | ${{ ...ours, sha: BUILT }}
    ${'CR at the end'}                  | ${[`Source-Commit: ${BUILT}\r`]}                                                                 | ${{ ...ours, sha: BUILT }}
    ${'a commit that is none'}          | ${['Source-Commit: main']}                                                                       | ${undefined}
    ${'a repository that is none'}      | ${['Source-Repository: ../../x', `Source-Commit: ${BUILT}`]}                                     | ${undefined}
    ${'on the server of the run'}       | ${[`Source-Commit: ${BUILT}`, 'Argocd-reference-commit-repourl: https://github.com/acme/shop']}  | ${{ ...ours, sha: BUILT }}
    ${'on another server'}              | ${[`Source-Commit: ${BUILT}`, 'Argocd-reference-commit-repourl: https://git.example/acme/shop']} | ${undefined}
  `('$what', async ({ trailers, source }) => {
    await using host = await recordingHost()
    expect(sourceOf(message(...trailers), host.run)).toEqual(source)
  })
})

test('a run that knows no commit has no source', async () => {
  await using host = await recordingHost({ run: { sourceCommit: '', repository: '' } })
  expect(sourceOf('', host.run)).toBeUndefined()
})
