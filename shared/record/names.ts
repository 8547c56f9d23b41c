/**
 * Names as npm ever accepted them, capitals, `!'()*~` and a leading `_` or `-` included, and nothing that could be a path of
 * its own. Names that npm reserves (`node_modules`) have the form of a name, so they are names here.
 */
const NAME = /^(?:@(?!\.{1,2}\/)[\w.!~*'()-]+\/)?(?!\.)[\w.!~*'()-]+$/

/** Semantic versions in npm's loose reading, as `v1.0.0` and `1.2.3beta`. The digit keeps every special file name out. */
const VERSION = /^v*\d(?:[\w.+-]*[\w+-])?$/

const LONGEST_VERSION = 256

/** Whether a text is a package name: `name` or `@scope/name`, case kept. */
export function isPackageName(name: string): boolean {
  return NAME.test(name)
}

/** Whether a text has the form of a version of a package. */
export function isPackageVersion(version: string): boolean {
  return version.length <= LONGEST_VERSION && VERSION.test(version)
}

/** Whether a text is one word: printable ASCII without a space, as key ids, registry ids and namespaces are. */
export function isWord(text: string): boolean {
  return /^[!-~]{1,1024}$/.test(text)
}

/** Whether a text can be a dist-tag: registries differ, so anything that is text and not very long. */
export function isTagName(name: string): boolean {
  return name !== '' && name.length <= 1024 && name.isWellFormed()
}

/** Whether a text can be the origin of a log. Those of old logs have spaces in them. */
export function isOrigin(origin: string): boolean {
  return /^[!-~](?:[ -~]{0,1022}[!-~])?$/.test(origin)
}
