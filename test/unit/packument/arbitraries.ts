import fc from 'fast-check'

/** A manifest field name, the dangerous ones included. */
const fieldName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'scripts', 'bin', 'dependencies', 'engines', 'os', 'cpu', 'exports', 'readme', 'x'),
  fc.string({ maxLength: 8 }),
)

/** Any JSON, as it looks after one trip through text: what a registry can send at all. */
const json = fc.jsonValue({ maxDepth: 3 }).map(value => JSON.parse(JSON.stringify(value)) as unknown)

const version = fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50), fc.constantFrom('', '', '-rc.1', '+b.1'))
  .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`)

const sha512 = fc.uint8Array({ minLength: 64, maxLength: 64 }).map(bytes => `sha512-${Buffer.from(bytes).toString('base64')}`)

/** The text of a consistent packument of `name` with fields of every kind in it, and what it says as plain objects. */
export function packumentText(name: string): fc.Arbitrary<string> {
  const manifest = fc.record({
    version,
    fields: fc.array(fc.tuple(fieldName, json), { maxLength: 6 }),
    dist: fc.array(fc.tuple(fieldName, json), { maxLength: 3 }),
    integrity: sha512,
    tarball: fc.constantFrom(`https://npm.example/${name}/-/x.tgz`, 'https://elsewhere.example/x.tgz', 'file:///etc/passwd', ''),
  })
  return fc.record({
    manifests: fc.uniqueArray(manifest, { selector: one => one.version, minLength: 1, maxLength: 5 }),
    fields: fc.array(fc.tuple(fieldName.filter(field => field !== 'time'), json), { maxLength: 4 }),
  }).map(({ manifests, fields }) => text([
    ...fields,
    ['name', name],
    ['dist-tags', { latest: manifests[0]!.version }],
    ['versions', Raw(text(manifests.map(one => [one.version, Raw(text([
      ...one.fields,
      ['name', name],
      ['version', one.version],
      ['dist', Raw(text([...one.dist, ['shasum', '0'.repeat(40)], ['integrity', one.integrity], ['tarball', one.tarball]]))],
    ]))])))],
  ]))
}

class RawText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
const Raw = (text: string) => new RawText(text)

/** An object's JSON from its entries; written by hand so that a `__proto__` key is one. */
function text(entries: [key: string, value: unknown][]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value instanceof RawText ? value.text : JSON.stringify(value)}`).join(',')}}`
}
