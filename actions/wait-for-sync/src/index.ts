// The entry of the action: hands the host to the story.
import { run } from '@gitops-relay/action-kit'
import { createHttp } from '@gitops-relay/http'
import { systemClock as clock } from '@gitops-relay/http/clock'
import { execute } from '@gitops-relay/process'
import { createArgoServer, openSession } from '@gitops-relay/sync'
import { gitAncestry } from './ancestry.ts'
import { elsewhere } from './elsewhere.ts'
import { inputs, readInputs } from './inputs.ts'
import { waitForSync } from './main.ts'
import { createNarrator } from './narrator.ts'
import { createRecorder } from './recorder.ts'
import { outputs } from './report.ts'

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
    clock,
  }
  return waitForSync(wanted, collaborators, signal)
})
