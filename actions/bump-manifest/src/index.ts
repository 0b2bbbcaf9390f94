// The entry of the action: hands the host to the story.
import { run } from '@gitops-relay/action-kit'
import { createCollaborators } from './collaborators.ts'
import { elsewhere } from './elsewhere.ts'
import { inputs, readInputs } from './inputs.ts'
import { bumpManifest } from './main.ts'
import { outputs } from './report.ts'

await run({ name: 'bump-manifest', inputs, outputs, elsewhere }, async (host, input, signal) => {
  const wanted = readInputs(input, host)
  return bumpManifest(wanted, await createCollaborators(wanted, host, signal), signal)
})
