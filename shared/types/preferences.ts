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
