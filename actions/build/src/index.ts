// The entry of the action: hands the host to the story.
import { run } from '@gitops-relay/action-kit'
import { elsewhere } from './elsewhere.ts'
import { inputs, readInputs } from './inputs.ts'
import { build } from './main.ts'
import { outputs } from './report.ts'
import { openWorkbench } from './workbench.ts'

await run({ name: 'build', inputs, outputs, elsewhere }, (host, input, signal) => {
  const wanted = readInputs(input, host)
  return build(wanted, host, openWorkbench(host, wanted, signal))
})
