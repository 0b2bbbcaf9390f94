// The story of the action.
import { createHash } from 'node:crypto'
import { arch, platform } from 'node:os'
import { relative, sep } from 'node:path'
import type { Host, Outcome } from '@gitops-relay/action-kit'
import { detectToolchains, type CacheResult, type Toolchain } from '@gitops-relay/toolchains'
import { detectedFiles, digestFiles, namedFiles } from './artifact.ts'
import { failureOf, lastLines } from './failure.ts'
import type { Inputs } from './inputs.ts'
import { planSteps, shownCommand, type Step } from './plan.ts'
import { report, type Build } from './report.ts'
import type { Workbench } from './workbench.ts'

/** Builds a project and says what came out. Thrown: UserError before anything ran, the signal's reason. */
export async function build(inputs: Inputs, host: Host, bench: Workbench): Promise<Outcome> {
  const found = await detectToolchains(await bench.project(), inputs.toolchains)
  const steps = planSteps(found, inputs)
  for (const { name, build: command } of found) {
    if (command === undefined && inputs.command === '') host.log.notice(`${name} has no build step here.`)
  }
  const known: Build = {
    found,
    versions: new Map(),
    steps,
    root: pathFrom(host.workspace, inputs.directory),
    cache: 'off',
  }
  if (inputs.dryRun) return report({ ...known, ended: 'planned' })

  const driven = found.filter(({ name }) => steps.some(({ toolchain }) => toolchain === name))
  for (const toolchain of driven) known.versions.set(toolchain.name, await bench.version(toolchain))
  known.inputHash = await hashInputs(known, await bench.treeHash())
  const failed = await runAll(known, driven, bench)
  if (failed !== undefined) return report({ ...known, ...failed, ended: 'failed' })

  const globs = found.flatMap(({ artifacts }) => artifacts)
  try {
    const named = inputs.artifactPath
    const hasBuild = steps.some(({ step }) => step === 'build')
    const files = await (named.length > 0
      ? namedFiles(inputs.directory, named)
      : detectedFiles(inputs.directory, hasBuild ? globs : []))
    known.artifact = { files, digest: await digestFiles(inputs.directory, files) }
    return report({ ...known, ended: hasBuild ? 'built' : 'nothing-to-build' })
  } catch (failure) {
    return report({ ...known, ended: 'failed', failure: failure as Error }) // oxlint-disable-line no-unsafe-type-assertion -- whatever it is, it is told
  }
}

/** Installs with what the cache has, keeps it before anything can go red, and builds. */
async function runAll(known: Build, driven: readonly Toolchain[], bench: Workbench) {
  const restored = await Promise.all(
    driven.map(async toolchain => bench.restore(toolchain, known.versions.get(toolchain.name) ?? '')),
  )
  known.cache = worst(restored.map(({ result }) => result))
  for (const phase of ['install', 'build'] as const) {
    for (const step of known.steps.filter(candidate => candidate.step === phase)) {
      const ended = await bench.run(step)
      const failure = failureOf(step, ended)
      if (failure !== undefined) return { failure, lastLines: lastLines(ended) }
    }
    if (phase === 'install') for (const entry of restored) await entry.keep()
  }
  return undefined
}

/** Everything that can change what a build makes: sources, tools, commands, machine. */
async function hashInputs({ steps, versions }: Build, tree: string): Promise<string> {
  const parts = [
    tree,
    ...[...versions].flat(),
    ...steps.map((step: Step) => shownCommand(step)),
    platform(),
    arch(),
  ]
  return `sha256:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`
}

function worst(results: readonly CacheResult[]): CacheResult {
  const used = results.filter(result => result !== 'off')
  return (['miss', 'partial', 'exact'] as const).find(result => used.includes(result)) ?? 'off'
}

const pathFrom = (workspace: string, directory: string) => relative(workspace, directory).split(sep).join('/')
