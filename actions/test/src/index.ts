// The entry of the action: hands the host to the story.
import { run } from '@gitops-relay/action-kit'
import { execute, probe, relay, scrubbedEnvironment, shellScript } from '@gitops-relay/process'
import { detectTests, packageScripts } from './detect.ts'
import { inputs, readInputs } from './inputs.ts'
import { runTests } from './main.ts'
import { outputs } from './report.ts'
import { createRunner } from './runner.ts'

await run({ name: 'test', inputs, outputs }, (host, input, signal) => {
  const wanted = readInputs(input, host)
  const runner = createRunner(host, wanted.passEnv, {
    execute,
    probe,
    relay,
    scrubbedEnvironment,
    shellScript,
  })
  return runTests(wanted, host, { runner, detect: detectTests, packageScripts, now: Date.now }, signal)
})
