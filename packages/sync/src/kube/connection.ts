// What has to be known to speak with one Kubernetes API server as one user.

/** Text that is known already, or that stands in a file which may change. */
export type Source = { readonly text: string } | { readonly file: string }

export interface Connection {
  /** Where it comes from, for sentences: `context "prod"`. */
  readonly name: string
  readonly server: URL
  /** PEM of the only authorities that are trusted; undefined: those of the system. */
  readonly authorities: Source | undefined
  /** Looked for in the server's certificate instead of its host; may be empty. */
  readonly serverName: string
  /** Believes whoever answers. */
  readonly insecure: boolean
  /** For this server alone; undefined: what the environment says. */
  readonly proxy: URL | undefined
  /** Where the kubeconfig names none: `default`. */
  readonly namespace: string
  readonly user: User
}

/** A certificate and a login may both be given, and are then both shown. */
export interface User {
  readonly certificate: { readonly cert: Source; readonly key: Source } | undefined
  readonly login: Login
}

/** `mint` makes a token whenever one is needed, such as GitHub's OIDC tokens; when a JWT ends is read from itself. */
export type Login =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: Source }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'exec'; readonly plugin: Plugin }
  | { readonly kind: 'mint'; readonly mint: () => Promise<string> }

/** A program that gives credentials: client-go's credential plugins, `client.authentication.k8s.io`. */
export interface Plugin {
  readonly apiVersion: string
  /** A name that PATH knows, or an absolute path. */
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What the kubeconfig's author says to who lacks the program; may be empty. */
  readonly installHint: string
  /** Is the program told of the server? Then with this extension of its cluster, which may be undefined. */
  readonly clusterInfo: { readonly config: unknown } | undefined
}
