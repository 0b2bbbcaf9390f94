import { describe, expect, test } from '@jest/globals'
import { A, B, edit, expectWritten, pinned, shop } from './images/cases.ts'
import type { Update } from './types.ts'

const set = (path: string, text: string): Update => ({
  kind: 'value',
  path,
  value: { kind: 'as-found', text },
})

describe('files of many tools keep their bytes', () => {
  const cases: [string, string, Update | Update[], string?][] = [
    [
      'Chart.yaml',
      'apiVersion: v2\nname: shop\nversion: ‹0.1.0→0.2.0›\nappVersion: "‹1.0→1.1›" # app\ndependencies:\n- {name: db, version: 1.x.x}\n',
      [set('version', '0.2.0'), set('appVersion', '1.1')],
      'Chart.yaml',
    ],
    [
      'Chart.yaml, images',
      'apiVersion: v2\nannotations:\n  artifacthub.io/images: |\n    - name: shop\n      image: ‹reg.example/shop:v1→reg.example/shop:v2›\nname: shop\n',
      shop,
      'Chart.yaml',
    ],
    [
      'a chart as HelmRelease',
      'spec:\n  chart:\n    spec:\n      version: ‹1.2.3→"1.10"› # {"a": 1}\n',
      set('spec.chart.spec.version', '1.10'),
    ],
    [
      'CloudFormation',
      'Parameters:\n  ShopImage:\n    Type: String\n    Default: ‹reg.example/shop:v1→reg.example/shop:v2›\nResources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Cpu: !Ref Cpu\n      Name: !Sub "${AWS::StackName}-x"\n      Role: !GetAtt Role.Arn\n      Other: !If [A, !Ref B, !Join ["", [a, b]]]\n      ContainerDefinitions:\n      - Image: ‹reg.example/shop:v1→reg.example/shop:v2›\n      - Image: !Sub "‹reg.example/shop:v1→reg.example/shop:v2›"\n      - Image: !Ref ShopImage\n',
      shop,
      'stack.yaml',
    ],
    [
      'CloudFormation by path',
      "Parameters:\n  Tag: {Type: String, Default: '‹v1→v2›', AllowedPattern: !Sub x}\n",
      set('Parameters.Tag.Default', 'v2'),
    ],
    [
      'Pulumi',
      'config:\n  aws:region: eu-1\n  shop:image: ‹reg.example/shop:v1→reg.example/shop:v2›\n  shop:secure: {secure: AAABAxyz=}\n  shop:tag: v1\n',
      shop,
      'Pulumi.prod.yaml',
    ],
    ['Pulumi by path', 'config:\n  shop:imageTag: "‹v1→v2›"\n', set("config['shop:imageTag']", 'v2')],
    [
      'Ansible',
      '---\n# vars\napp_image: reg.example/shop\napp_image_tag: ‹v1→v2›\ndb_image: "‹reg.example/shop:v1→reg.example/shop:v2›"\nmode: 0644\nsecret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nx: "{{ app_image }}:{{ app_image_tag }}"\n',
      shop,
      'group_vars/all.yml',
    ],
    [
      'compose',
      'x-base: &base\n  restart: always\nservices:\n  web:\n    <<: *base\n    image: ‹reg.example/shop:v1→reg.example/shop:v2›\n    ports: ["8080:80", 22:22]\n  db: {image: "postgres:16"}\n',
      shop,
      'compose.yaml',
    ],
    [
      'compose, an anchored image',
      `x-image: &image ‹reg.example/shop:v1@${A}→reg.example/shop:v2@${B}›\nservices:\n  web: {image: *image}\n  job: {image: *image}\n`,
      set('x-image', `reg.example/shop:v2@${B}`),
      'compose.yaml',
    ],
    [
      'an ImagePolicy stays',
      `apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nspec:\n  image: reg.example/shop\n---\nimage: ‹reg.example/shop:v1→reg.example/shop:v2@${B}›\n`,
      pinned,
    ],
    [
      'YAML 1.1 by directive',
      '%YAML 1.1\n# c\n---\nimage: {repository: reg.example/shop, tag: ‹v1→v2›, on: yes, mode: 0644}\n...\n',
      shop,
    ],
    [
      'Flux, a source by path',
      'kind: OCIRepository\nspec:\n  ref:\n    tag: ‹v1→v2›\n    digest: ‹x→z›\n',
      [set('spec.ref.tag', 'v2'), set('spec.ref.digest', 'z')],
    ],
    [
      "Argo CD's plugin by path",
      'plugin:\n  env:\n  - name: TAG\n    value: ‹v1→v2›\n',
      set('plugin.env[name=TAG].value', 'v2'),
      '.argocd-source.yaml',
    ],
    [
      'an image under the annotations of Argo CD Image Updater',
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  annotations:\n    argocd-image-updater.argoproj.io/image-list: shop=reg.example/shop:v1\nspec:\n  source:\n    kustomize:\n      images: [‹reg.example/shop:v1→reg.example/shop:v2›]\n',
      shop,
    ],
    [
      'Helmfile',
      'releases:\n- name: shop\n  values:\n  - image: {repository: reg.example/shop, tag: ‹v1→v2›}\n  set:\n  - {name: x, value: v1}\n',
      shop,
      'helmfile.yaml',
    ],
    [
      'a very long line',
      `a: ${'x'.repeat(100_000)} # y\nb: {q: "${'z'.repeat(100_000)}", image: ‹reg.example/shop:v1→reg.example/shop:v2›}\n`,
      shop,
    ],
    [
      'a line separator in a comment and in a value',
      'a: x\u2028y # \u0085\nimage: ‹reg.example/shop:v1→reg.example/shop:v2›\n',
      shop,
    ],
    ...['1e10', '0x1F', '2024-01-01', '~', 'a: b', '*x', '@x', 'yes', '0755', '1:30'].map(
      (text): [string, string, Update] => [
        `${text} where a word was`,
        `a: ‹v1→"${text}"› # c\n`,
        set('a', text),
      ],
    ),
    ['a byte order mark', '\ufeff# c\nimage: ‹reg.example/shop:v1→reg.example/shop:v2›\n', shop],
    ['a word where a boolean was', 'a: ‹true→"on"›\nb: ‹3→4›\n', [set('a', 'on'), set('b', '4')]],
  ]
  test.each(cases.map(([name, ...rest]) => ({ name, rest })))('$name', ({ rest }) => expectWritten(...rest))

  test('a hold keeps every shape', () => {
    const hold = '# gitops-relay: hold reason=freeze'
    const texts: [string, string?][] = [
      [`image:\n  repository: reg.example/shop\n  tag: v1 ${hold}\n`],
      [`${hold}\nimage: reg.example/shop:v1\n`],
      [`images:\n- name: reg.example/shop\n  newTag: v1 ${hold}\n`, 'kustomization.yaml'],
      [`kustomize:\n  images:\n  ${hold}\n  - reg.example/shop:v1\n`],
      [
        `helm:\n  parameters:\n  - {name: image.repository, value: reg.example/shop}\n  - {name: image.tag, value: v1} ${hold}\n`,
      ],
      [`values: |\n  image: reg.example/shop:v1 ${hold}\n`],
      [`${hold}\nvalues: |\n  image: reg.example/shop:v1\n`],
      [`x: {{ y }}z\nimage: reg.example/shop:v1 ${hold}\n`],
      [`x: reg.example/shop:v1 # {"$imagepolicy": "a:b"}\n`.replace('x:', `${hold}\nx:`)],
    ]
    for (const [text, file] of texts) {
      expect(edit(text, shop, file)).toMatchObject({ edits: [], changes: [], held: [{ reason: 'freeze' }] })
    }
  })

  test('two updates may meet in one string, but not want different things', () => {
    const text = 'a: |\n  b: 1\n  c: 1\n'
    expect(edit(text, [set('a|yaml:b', '2'), set('a|yaml:c', '3')]).after).toBe('a: |\n  b: 2\n  c: 3\n')
    expect(edit(text, [set('a|yaml:b', '2'), set('a|yaml:c', '3')]).places).toEqual([1, 1])
    for (const other of [set('a|yaml:b', '3'), set('a', 'x: 1\n')]) {
      expect(() => edit(text, [set('a|yaml:b', '2'), other])).toThrow(
        expect.objectContaining({ code: 'contradiction' }),
      )
    }
  })
})
