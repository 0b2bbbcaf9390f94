// What Helm renders from bumped values, charts, and what Flux and Argo CD give it.
import type { Update } from '../../packages/manifests/src/index.ts'
import { A, B, pinned, shop, tagged, typedTags, v1, v2 } from './wanted.ts'
import { describeRendered, type Case } from './rendering.ts'

/** A chart whose Deployment has this image, and says other values as well. */
function chart(name: string, image: string, values: string, rest: Partial<Case> = {}): Case {
  const files = {
    'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: v1\n',
    'values.yaml': `# ours\n${values}other: {port: 8080, on: true, ratio: 1.10, text: "1.10"}\n`,
    'templates/web.yaml': `kind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n  other: {{ toJson .Values.other }}\nspec:\n  containers:\n  - image: ${image}\n`,
  }
  return {
    name,
    file: 'values.yaml',
    update: shop,
    from: v1,
    to: v2,
    ...rest,
    files: { ...files, ...rest.files },
  }
}

const tuple = '{{ .Values.image.repository }}:{{ .Values.image.tag }}'
const whole = '{{ .Values.image }}'
const four =
  '{{ with .Values.image }}{{ with .registry }}{{ . }}/{{ end }}{{ .repository }}:{{ .tag }}{{ with .digest }}@{{ . }}{{ end }}{{ end }}'
const fallback = '{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}'
const untagged = 'image:\n  repository: reg.example/shop\n  tag: ""\n'
const given = 'image:\n  repository: reg.example/shop\n  tag: v1\n'
const indented = (lines: string, by: number) => lines.replaceAll(/^(?=.)/gm, ' '.repeat(by))
const release = (values: string) =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop}\nspec:\n  values:\n${indented(values, 4)}`
const application = (helm: string) =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n  source:\n    helm:\n${indented(helm, 6)}`
const parameters = (more: string) =>
  `parameters:\n- name: image.repository\n  value: reg.example/shop\n- name: image.tag\n  value: v1\n${more}`
const beside = (file: string, content: string, rest: Partial<Case> = {}): Partial<Case> => ({
  file,
  files: { [file]: content },
  ...rest,
})
const toTag = (tag: string): Partial<Case> => ({ update: tagged(tag), to: `reg.example/shop:${tag}` })
const pin: Partial<Case> = { update: pinned, from: `${v1}@${A}`, to: `${v2}@${B}` }
const text = (path: string, value: string): Update => ({
  kind: 'value',
  path,
  value: { kind: 'as-found', text: value },
})

const cases = [
  chart('repository and tag', tuple, given),
  chart('repository and tag, in flow', tuple, 'image: {repository: reg.example/shop, tag: "v1"} # now\n'),
  chart('repository and tag, with CRLF', tuple, given.replaceAll('\n', '\r\n')),
  chart('tag first, a folded block', tuple, 'image:\n  tag: >-\n    v1\n  repository: reg.example/shop\n'),
  chart('an alias', tuple, 'x-tag: &tag v1\nimage:\n  repository: reg.example/shop\n  tag: *tag\n'),
  chart('an anchor', tuple, 'image: &image\n  repository: reg.example/shop\n  tag: &tag v1\nsame: *tag\n'),
  chart(
    'all four',
    four,
    `image:\n  registry: reg.example\n  repository: shop\n  tag: v1\n  digest: "${A}"\n`,
    pin,
  ),
  chart(
    'an empty digest',
    four,
    `image:\n  registry: reg.example\n  repository: shop\n  tag: v1\n  digest: ""\n`,
    {
      ...pin,
      from: v1,
    },
  ),
  chart('a digest of null', four, `image:\n  repository: reg.example/shop\n  tag: v1\n  digest:\n`, {
    ...pin,
    from: v1,
  }),
  chart(
    'registry and repository are written',
    four,
    'image: {registry: old.example, repository: app, tag: v1, digest: }\n',
    {
      update: { ...pinned, match: 'old.example/app' },
      from: 'old.example/app:v1',
      to: `${v2}@${B}`,
    },
  ),
  chart(
    'a bare sha',
    '{{ .Values.image.repository }}:{{ .Values.image.tag }}@sha256:{{ .Values.image.sha }}',
    `image:\n  repository: reg.example/shop\n  tag: v1\n  sha: ${A.slice(7)}\n`,
    pin,
  ),
  chart('tag and digest in one', tuple, `image:\n  repository: reg.example/shop\n  tag: v1@${A}\n`, pin),
  chart('one string', whole, `image: ${v1}\n`),
  chart('one string, pinned', whole, `image: "${v1}@${A}"\n`, pin),
  chart('one string that gets a digest', whole, `image: ${v1}\n`, { update: pinned, to: `${v2}@${B}` }),
  chart(
    'image and imageTag',
    '{{ .Values.image }}:{{ .Values.imageTag }}',
    'image: reg.example/shop\nimageTag: v1\n',
  ),
  chart(
    'a list',
    '{{ with index .Values.workers 1 }}{{ .image.repository }}:{{ .image.tag }}{{ end }}',
    'workers:\n- image: {repository: reg.example/shop-db, tag: v1}\n- image: {repository: reg.example/shop, tag: v1}\n',
  ),
  chart(
    'a template in a value',
    '{{ tpl .Values.image . }}',
    `tag: v1\nimage: "${v1}{{ .Values.suffix }}"\n`,
    {
      update: text('image', v2),
    },
  ),
  chart('the appVersion', fallback, untagged, { file: 'Chart.yaml', update: text('appVersion', 'v2') }),
  ...['1.10', '1e3', '0123456', 'on'].map(tag =>
    chart(`the appVersion ${tag}`, fallback, untagged, {
      ...toTag(tag),
      file: 'Chart.yaml',
      update: text('appVersion', tag),
    }),
  ),
  ...typedTags.flatMap(tag => [
    chart(`the tag ${tag}`, tuple, given, toTag(tag)),
    chart(`the tag ${tag} as Flux's values`, tuple, '', beside('release.yaml', release(given), toTag(tag))),
    chart(
      `the tag ${tag} as Argo CD's parameter`,
      tuple,
      '',
      beside('application.yaml', application(parameters('  forceString: true\n')), toTag(tag)),
    ),
  ]),
  chart('values beside', tuple, untagged, beside('values-beside.yaml', given)),
  chart("Flux's values", tuple, '', beside('release.yaml', release(given))),
  chart(
    "Argo CD's valuesObject",
    tuple,
    '',
    beside('application.yaml', application(`valuesObject:\n${indented(given, 2)}`)),
  ),
  chart(
    "Argo CD's values",
    tuple,
    '',
    beside('application.yaml', application(`values: |\n${indented(given, 2)}`)),
  ),
  chart(
    "Argo CD's values, quoted",
    tuple,
    '',
    beside('application.yaml', application(`values: ${JSON.stringify(given)}\n`), toTag('1.10')),
  ),
  ...['v2', '1.10', '1e3', '0123456', '1234567'].map(tag =>
    chart(
      `Argo CD's parameter ${tag} without forceString`,
      tuple,
      '',
      beside('application.yaml', application(parameters('')), toTag(tag)),
    ),
  ),
  chart(
    'a part of a chart',
    whole,
    `image: ${v1}\nsub:\n  image:\n    repository: reg.example/sub\n    tag: v1\n`,
    {
      files: {
        'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n',
        'charts/sub/templates/sub.yaml': `image: ${tuple}\n`,
      },
      update: { ...shop, repository: 'reg.example/sub' },
      from: 'reg.example/sub:v1',
      to: 'reg.example/sub:v2',
    },
  ),
]

describeRendered('helm', cases, [
  { tag: '1.10', row: chart('', tuple, given), answer: 'image: reg.example/shop:1.1\n' },
  { tag: '1234567e8', row: chart('', tuple, given), answer: 'image: reg.example/shop:1.234567e+14\n' },
  { tag: '0123456', row: chart('', tuple, given), answer: 'image: reg.example/shop:42798\n' },
])
