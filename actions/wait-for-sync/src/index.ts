// The entry of the action: hands the host to the story.
import { isPost, runPost } from '@gitops-relay/action-kit/post'
import { run, type Host } from '@gitops-relay/action-kit'
import { createHttp } from '@gitops-relay/http'
import { systemClock as clock } from '@gitops-relay/http/clock'
import { execute } from '@gitops-relay/process'
import {
  createArgoServer,
  createKubeClient,
  openSession,
  readInCluster,
  readKubeconfig,
  secretsOf,
  type Verdict,
} from '@gitops-relay/sync'
import { gitAncestry } from './ancestry.ts'
import { elsewhere } from './elsewhere.ts'
import { createFeedback } from './feedback.ts'
import { boardsFor } from './feedback-boards.ts'
import { inputs, readFeedback, readInputs, type FeedbackInputs, type Inputs } from './inputs.ts'
import type { ClusterInputs } from './inputs-kube.ts'
import { waitForSync } from './main.ts'
import { createNarrator } from './narrator.ts'
import { argoProvider } from './providers/argocd.ts'
import { fluxProvider } from './providers/flux.ts'
import type { Provider } from './providers/provider.ts'
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

async function openProvider(wanted: Inputs, host: Host, signal: AbortSignal): Promise<Provider> {
  const { provider } = wanted
  const mask = (secret: string) => host.mask(secret)
  if (provider.name === 'flux') {
    const cluster = await openCluster(provider, host, signal)
    return fluxProvider(cluster, provider.kustomizations, wanted, clock)
  }
  const { ca, server, credentials, project } = provider
  const http = createHttp({ env: host.env, ...(ca === undefined ? {} : { ca }) })
  const session = openSession(http, server, credentials, mask)
  return argoProvider(createArgoServer(http, server, session, project, clock), provider, wanted, clock)
}

/** Nothing of a kubeconfig is used before its secrets are hidden. */
async function openCluster({ kubeconfigs, context }: ClusterInputs, host: Host, signal: AbortSignal) {
  for (const { text } of kubeconfigs) secretsOf(text).forEach(secret => host.mask(secret))
  const connection =
    kubeconfigs.length > 0 ? readKubeconfig(kubeconfigs, context) : await readInCluster(host.env)
  const { env, workspace: cwd } = host
  const mask = (secret: string) => host.mask(secret)
  return createKubeClient(connection, { env, cwd, execute, clock, random: Math.random, mask, signal })
}

await run({ name: 'wait-for-sync', inputs, outputs, elsewhere }, async (host, input, signal) => {
  const wanted = readInputs(input, host)
  const { repository, token } = wanted
  const collaborators = {
    provider: await openProvider(wanted, host, signal),
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
