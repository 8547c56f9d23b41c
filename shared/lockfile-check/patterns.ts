/**
 * Whether a name is one of those that patterns stand for: whole names, where `*` is any number of characters, as in `@acme/*`.
 */
export function matchNames(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map(pattern => new RegExp(`^${pattern.split(/\*+/).map(escape).join('.*')}$`))
  return name => expressions.some(expression => expression.test(name))
}

// `RegExp.escape` is younger than some browsers that people have.
function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`)
}
