// The entry of the action: hands the host to the story.
import { run } from '@gitops-relay/action-kit'
import { execute, probe, relay, scrubbedEnvironment, shellScript } from '@gitops-relay/process'
import { openProject } from '@gitops-relay/toolchains'
import { detectTests, packageScripts } from './detect.ts'
import { elsewhere } from './elsewhere.ts'
import { inputs, readInputs } from './inputs.ts'
import { runTests } from './main.ts'
import { outputs } from './report.ts'
import { createRunner } from './runner.ts'

await run({ name: 'test', inputs, outputs, elsewhere }, (host, input, signal) => {
  const wanted = readInputs(input, host)
  const runner = createRunner(host, wanted.passEnv, {
    execute,
    probe,
    relay,
    scrubbedEnvironment,
    shellScript,
  })
  const detect = async () => detectTests(await openProject(wanted.directory, execute, runner.env), wanted)
  return runTests(wanted, host, { runner, detect, packageScripts, now: Date.now }, signal)
})
