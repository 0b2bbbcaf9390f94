// How pods live on a node that kwok plays: what their image and annotations say they shall become, in the times of a real kubelet.
// The digest of the image is its id, as a kubelet reports it.

/** A pod's fate by this annotation, or by how the digest of its first image begins. */
export const FATE = 'test.gitops-relay/fate'
/** How long a pod that is slow runs until it is ready; default 30 s. */
export const READY_AFTER = 'test.gitops-relay/ready-after'

/** Beginnings of digests. */
export const fates = { 'image-pull': 'bad', 'crash-loop': 'dead', 'out-of-memory': '00a1', slow: '510e' }

const byDigest = Object.entries(fates)
  .map(([fate, digest]) => `if test("@sha256:${digest}") then "${fate}" else `)
  .join('')
const ends = ' end'.repeat(Object.keys(fates).length)
const FATE_OF = `(.metadata.annotations["${FATE}"] // (.spec.containers[0].image | ${byDigest}"well"${ends}))`
const REASON = '(.status.containerStatuses[0].state.waiting.reason // "none")'
const RUNNING = '(if .status.containerStatuses[0].state.running then "yes" else "no" end)'
const READY = '(.status.conditions.[] | select( .type == "Ready" ) | .status)'
const OWNER = '.metadata.ownerReferences.[].kind'

type Match = Readonly<{ key: string; operator: string; values?: readonly string[] }>

const is = (key: string, ...values: string[]): Match => ({ key, operator: 'In', values })
const exists = (key: string): Match => ({ key, operator: 'Exists' })
const absent = (key: string): Match => ({ key, operator: 'DoesNotExist' })

const NOW = '{{ $now | Quote }}'
const ID =
  '{{ if contains "@sha256:" $item.image }}{{ $item.image | Quote }}{{ else }}{{ printf "%s@sha256:%s" (regexReplaceAll ":[^:/]+$" $item.image "") (sha256sum $item.image) | Quote }}{{ end }}'
const NET = `hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}`
const BEGIN = `{{ $now := Now }}{{ $restarts := 0 }}{{ with .status.containerStatuses }}{{ $restarts = int (index . 0).restartCount }}{{ end }}
{{ $code := 1 }}{{ $why := "Error" }}{{ $image := (index .spec.containers 0).image }}
{{ if or (contains "@sha256:${fates['out-of-memory']}" $image) (eq (index (or .metadata.annotations dict) "${FATE}" | default "") "out-of-memory") }}{{ $code = 137 }}{{ $why = "OOMKilled" }}{{ end }}`
const TERMINATED = `{terminated: {exitCode: {{ $code }}, reason: {{ $why | Quote }}, startedAt: ${NOW}, finishedAt: ${NOW}, containerID: "containerd://0"}}`
const RUN = `state: {running: {startedAt: ${NOW}}}`
const WAITING = (reason: string, message = '') =>
  `state: {waiting: {reason: ${reason}${message === '' ? '' : `, message: ${message}`}}}`
const DONE = (code: number, reason: string) =>
  `state: {terminated: {exitCode: ${code}, reason: ${reason}, startedAt: ${NOW}, finishedAt: ${NOW}}}`

interface Look {
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  ready?: boolean
  started?: boolean
  state: string
  last?: string
  restarts?: string
  /** Not before it is pulled. */
  pulled?: boolean
}

const condition = (type: string, value: boolean, more: string, at = NOW) =>
  `- {lastTransitionTime: ${at}, status: "${value ? 'True' : 'False'}", type: ${type}${more}}`

/** The template of a status, in the one form that kwok merges whole. */
function status({
  phase,
  ready = false,
  started = ready,
  state,
  last = '',
  restarts = '{{ $restarts }}',
  pulled = true,
}: Look): string {
  const unready = `, reason: ContainersNotReady, message: "containers with unready status"`
  const why = ready ? ', reason: "", message: ""' : unready
  return `${BEGIN}
conditions:
${condition('PodReadyToStartContainers', true, '')}
${condition('Initialized', true, '')}
${condition('Ready', ready, why)}
${condition('ContainersReady', ready, why)}
${condition('PodScheduled', true, '', '{{ or .metadata.creationTimestamp $now | Quote }}')}
containerStatuses:
{{ range $index, $item := .spec.containers }}
- name: {{ $item.name | Quote }}
  image: {{ $item.image | Quote }}
  imageID: ${pulled ? ID : '""'}
  restartCount: ${restarts}
  ready: ${ready}
  started: ${started}
  ${state}
  ${last}
{{ end }}
${pulled ? NET : ''}
startTime: {{ or .status.startTime $now | Quote }}
phase: ${phase}
`
}

const EXPRESSION = (annotation: string) => ({ expressionFrom: `.metadata.annotations["${annotation}"]` })

function stage(
  name: string,
  delay: number | [number, string],
  match: readonly Match[],
  next: object,
): object {
  const [milliseconds, annotation] = typeof delay === 'number' ? [delay] : delay
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: 'Pod' },
      selector: { matchExpressions: match },
      delay: {
        durationMilliseconds: milliseconds,
        ...(annotation === undefined ? {} : { durationFrom: EXPRESSION(annotation) }),
      },
      next,
    },
  }
}

const ALIVE = absent('.metadata.deletionTimestamp')
const creating = (...fate: string[]) => [
  ALIVE,
  is('.status.phase', 'Pending'),
  is(REASON, 'ContainerCreating'),
  is(FATE_OF, ...fate),
]
const running = (...more: Match[]) => [ALIVE, is('.status.phase', 'Running'), ...more]
const warning = (reason: string, message: string) => ({ event: { type: 'Warning', reason, message } })
const shows = (look: Look, more: object = {}) => ({ statusTemplate: status(look), ...more })

const pullError = WAITING(
  'ErrImagePull',
  '{{ printf "failed to pull and unpack image %q: failed to resolve reference: not found" $item.image | Quote }}',
)
const backOff = WAITING('ImagePullBackOff', '{{ printf "Back-off pulling image %q" $item.image | Quote }}')
const loops = WAITING('CrashLoopBackOff', '"back-off restarting failed container"')
const LIVE: Look = { phase: 'Running', ready: true, state: RUN }

/** The stages of pods, for kwok's configuration. */
export const stages: readonly object[] = [
  stage(
    'creating',
    100,
    [ALIVE, is('.status.phase', 'Pending'), exists('.spec.nodeName'), absent('.status.containerStatuses')],
    shows({ phase: 'Pending', state: WAITING('ContainerCreating'), pulled: false }),
  ),
  stage('ready', 1000, creating('well'), shows(LIVE)),

  stage('slow-start', 1000, creating('slow'), shows({ ...LIVE, ready: false, started: true })),
  stage('slow-ready', [30_000, READY_AFTER], running(is(FATE_OF, 'slow'), is(READY, 'False')), shows(LIVE)),

  stage(
    'pull-error',
    800,
    creating('image-pull'),
    shows({ phase: 'Pending', state: pullError, pulled: false }, warning('Failed', 'Error: ErrImagePull')),
  ),
  stage(
    'pull-back-off',
    1500,
    [ALIVE, is('.status.phase', 'Pending'), is(REASON, 'ErrImagePull')],
    shows({ phase: 'Pending', state: backOff, pulled: false }, warning('Failed', 'Error: ImagePullBackOff')),
  ),
  stage(
    'pull-again',
    15_000,
    [ALIVE, is('.status.phase', 'Pending'), is(REASON, 'ImagePullBackOff')],
    shows({ phase: 'Pending', state: pullError, pulled: false }),
  ),

  // Ready for a moment, as without a readiness probe; then it waits to be started again.
  stage('crash-start', 1000, creating('crash-loop', 'out-of-memory'), shows(LIVE)),
  stage(
    'crash',
    1500,
    running(is(RUNNING, 'yes'), is(FATE_OF, 'crash-loop', 'out-of-memory')),
    shows(
      { phase: 'Running', state: loops, last: `lastState: ${TERMINATED}`, restarts: '{{ add1 $restarts }}' },
      warning('BackOff', 'Back-off restarting failed container'),
    ),
  ),
  stage(
    'crash-again',
    8000,
    running(is(REASON, 'CrashLoopBackOff')),
    shows({ ...LIVE, last: `{{ if gt $restarts 0 }}lastState: ${TERMINATED}{{ end }}` }),
  ),

  stage(
    'job-done',
    1500,
    running(is(OWNER, 'Job'), is(FATE_OF, 'well')),
    shows({ phase: 'Succeeded', state: DONE(0, 'Completed') }),
  ),
  stage('job-start', 1000, creating('job-fails'), shows(LIVE)),
  stage(
    'job-fails',
    1500,
    running(is(FATE_OF, 'job-fails')),
    shows({ phase: 'Failed', state: DONE(3, 'Error, message: "migration failed: column exists"') }),
  ),

  stage('delete', 300, [exists('.metadata.deletionTimestamp')], {
    finalizers: { empty: true },
    delete: true,
  }),
]
