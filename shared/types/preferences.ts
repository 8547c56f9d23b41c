/** What somebody wishes of the sources of a package. Ids are those of registries. */
export interface SourceWishes {
  /** Who delivers, the first first; all others follow as the operator put them. */
  mirrors?: string[]
  /** Who is not asked for bytes. */
  disabled?: string[]
  /** Order of the sources that `mirrors` does not name. */
  strategy?: 'priority' | 'fastest' | 'spread'
}

/** What a profile holds. What it does not say is as the operator configured it. */
export interface ProfileContent extends SourceWishes {
  /** Which URL packuments name for tarballs. */
  tarballs?: 'auto' | 'upstream' | 'self'
  /** By scope (`@acme`), exact name or pattern (`@acme/*`, `acme-*`): what it does not say is as in the rest of the profile. */
  scopes?: Record<string, SourceWishes>
  /** Authorities whose signing keys to receive. */
  keys?: string[]
}

/** A profile as its token shows it: `GET /api/preferences`. */
export interface ProfileAnswer {
  id: string
  content: ProfileContent
  /** Ids in it that this server does not have any more, or that would leave no source of an authority: without effect. */
  ignored: string[]
  /** ISO 8601. */
  created: string
  updated: string
}

/** `POST /api/preferences`. */
export interface CreatedProfile extends ProfileAnswer {
  /** Never shown again. */
  token: string
}

/** What can be chosen here: `GET /api/preferences/options`. */
export interface PreferenceOptions {
  authorities: {
    id: string
    /** Itself and its mirrors, in the operator's order. */
    sources: { id: string, role: 'authority' | 'mirror', of?: string }[]
  }[]
  strategies: NonNullable<ProfileContent['strategy']>[]
  tarballs: NonNullable<ProfileContent['tarballs']>[]
  /** What holds without a profile. */
  defaults: Required<Pick<ProfileContent, 'strategy' | 'tarballs'>>
}

/** What a source says of one package, version by version, beside the log. */
export interface TriedPackage {
  name: string
  /** Its newest recorded version. */
  version: string
  /** How the source's stands to it: the recorded sha512, another one, no sha512 at all, or not there. */
  state: 'equal' | 'differs' | 'unclear' | 'absent'
  /** All of its recorded versions that are not withdrawn, and how many of them are which. */
  versions: { count: number, equal: number, differs: number, unclear: number, absent: number }
}

export interface SourceTrial {
  id: string
  /** It answered, and not with a failure. */
  isReachable: boolean
  /** Milliseconds to the first byte of an answer; null without one. */
  latency: number | null
  /** Null where nothing of its authority is recorded yet, or its document did not come. */
  tried: TriedPackage | null
  /** One sentence; null if there is nothing to complain of. */
  error: string | null
}

/** `POST /api/preferences/test`: what would be asked for tarballs, asked now. */
export interface PreferencesTrial {
  /** ISO 8601. */
  at: string
  sources: SourceTrial[]
  /** Ids that would be asked too, and were not: there are more than one test asks. */
  untried: string[]
}
