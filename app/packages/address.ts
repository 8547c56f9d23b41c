import type { LocationQuery, LocationQueryRaw } from 'vue-router'

/** Everything about a package's page that stands in its address. */
export interface PackageQuery {
  /** Id of the authority, where the name is not its only one. */
  authority?: string
  order?: string
  /** Versions that come before the first one that is shown. */
  skip?: string
  /** Index before which changes are shown. */
  before?: string
  /** Registries are asked while the page is made. */
  compare?: string
  /** Ids of the two registries whose documents are laid side by side. */
  left?: string
  right?: string
}

const KEYS = ['authority', 'order', 'skip', 'before', 'compare', 'left', 'right'] as const

/** What is there once; whether it makes sense is the API's to say. */
export function readPackageQuery(query: LocationQuery): PackageQuery {
  return Object.fromEntries(KEYS.flatMap((key) => {
    const value = query[key]
    return typeof value === 'string' && value !== '' ? [[key, value]] : []
  }))
}

/** The page of a package; what is undefined is left out of its address. */
export function packageAddress(name: string, query: PackageQuery = {}, hash = '') {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return { name: 'registry-package', params: { name: name.split('/') }, query: Object.fromEntries(given) as LocationQueryRaw, hash }
}

/** Path of our API about a package, or a part of it. */
export function packagePath(name: string, part: '' | '/-/registries' | '/-/differences', query: PackageQuery): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const text = new URLSearchParams(given).toString()
  return `/api/packages/${encodeURIComponent(name).replace(/^%40([^%]+)%2F/, '@$1/')}${part}${text && `?${text}`}`
}
