// The entry of the action: hands the host to the story.
import { isPost, runPost } from '@gitops-relay/action-kit/post'
import { run, type Host } from '@gitops-relay/action-kit'
import { createHttp } from '@gitops-relay/http'
import { systemClock as clock } from '@gitops-relay/http/clock'
import { execute } from '@gitops-relay/process'
import { createArgoServer, openSession, type Verdict } from '@gitops-relay/sync'
import { gitAncestry } from './ancestry.ts'
import { elsewhere } from './elsewhere.ts'
import { createFeedback } from './feedback.ts'
import { boardsFor } from './feedback-boards.ts'
import { inputs, readFeedback, readInputs, type FeedbackInputs } from './inputs.ts'
import { waitForSync } from './main.ts'
import { createNarrator } from './narrator.ts'
import { createRecorder } from './recorder.ts'
import { isGood, outputs } from './report.ts'

const openFeedback = (wanted: FeedbackInputs, host: Host, isGreen: (verdict: Verdict) => boolean) =>
  createFeedback({
    boardsOf: boardsFor(wanted, { run: host.run, env: host.env, clock }),
    isGood: isGreen,
    remember: memory => host.saveState('feedback', host.redact(memory)),
    redact: host.redact,
    log: host.log,
    clock,
  })

if (isPost)
  await runPost(inputs, async (host, input, signal) => {
    const memory = host.readState('feedback')
    if (memory === '') return
    await openFeedback(readFeedback(input, host), host, () => false).sweep(memory, signal)
  })

await run({ name: 'wait-for-sync', inputs, outputs, elsewhere }, (host, input, signal) => {
  const wanted = readInputs(input, host)
  const { ca, server, credentials, project, repository, token } = wanted
  const http = createHttp({ env: host.env, ...(ca === undefined ? {} : { ca }) })
  const collaborators = {
    server: createArgoServer(
      http,
      server,
      openSession(http, server, credentials, secret => host.mask(secret)),
      project,
      clock,
    ),
    ancestry: gitAncestry({
      repository,
      token,
      directory: () => host.temporaryDirectory(),
      env: host.env,
      execute,
    }),
    recorder: createRecorder(host, wanted.record),
    narrator: createNarrator(host.log, clock),
    feedback: openFeedback(wanted, host, verdict => isGood(verdict, wanted)),
    clock,
  }
  return waitForSync(wanted, collaborators, signal)
})
