import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { packumentOf, prose, versionList } from './documents.ts'
import type { Packument, Shape } from './documents.ts'
import { randomFrom } from '../random.ts'
import type { Random } from '../random.ts'
import { tarOf } from './tar.ts'

/** An application's dependency tree: what `npm install` resolves and downloads. */
export interface Tree {
  /** The root's `dependencies`. */
  root: Record<string, string>
  packuments: Packument[]
  /** Gzipped tarballs by path: `/<name>/-/<file>.tgz`. */
  tarballs: Map<string, Buffer>
}

const PACKAGES = 300
const DIRECT = 20
/** How far ahead a package's dependencies lie: gives a tree about ten levels deep. */
const REACH = 40

interface Node {
  name: string
  versions: string[]
  dependencies: Record<string, string>
}

/** Builds the tree. A range is always `^<major>`, so only the last version of each major needs a tarball. */
export function buildTree(origin: string): Tree {
  const random = randomFrom('tree')
  const nodes: Node[] = Array.from({ length: PACKAGES }, (_, index) => ({
    name: `${random.chance(0.2) ? '@bench-tree/' : 'bench-tree-'}${String(index).padStart(3, '0')}`,
    versions: versionList(random, random.between(5, 60)),
    dependencies: {},
  }))
  for (const [index, node] of nodes.entries()) {
    if (index < DIRECT) continue
    const parents = random.chance(0.3) ? random.between(2, 4) : 1
    for (let count = 0; count < parents; count += 1) {
      const parent = nodes[random.between(Math.max(0, index - REACH), index - 1)]
      if (parent) parent.dependencies[node.name] = `^${wantedMajor(random, node)}.0.0`
    }
  }
  const tree: Tree = {
    root: Object.fromEntries(nodes.slice(0, DIRECT).map(node => [node.name, `^${wantedMajor(random, node)}.0.0`])),
    packuments: [],
    tarballs: new Map(),
  }
  for (const node of nodes) addPackage(tree, node, origin, random)
  return tree
}

/** Mostly the newest major, sometimes an older one: those nest. */
function wantedMajor(random: Random, node: Node): string {
  const majors = [...lastOfMajors(node.versions).keys()]
  return random.chance(0.1) ? random.pick(majors) : majors.at(-1) ?? '1'
}

function lastOfMajors(versions: readonly string[]): Map<string, string> {
  return new Map(versions.map(version => [version.slice(0, version.indexOf('.')), version]))
}

function addPackage(tree: Tree, node: Node, origin: string, random: Random): void {
  const file = node.name.slice(node.name.indexOf('/') + 1)
  const dist = new Map<string, { integrity: string, shasum: string }>()
  for (const version of lastOfMajors(node.versions).values()) {
    const tarball = gzipSync(tarOf({
      'package/package.json': JSON.stringify({ name: node.name, version, license: 'MIT', dependencies: node.dependencies }, null, 2),
      'package/README.md': prose(random, random.between(500, 8_000)),
      'package/index.js': `export default ${JSON.stringify(random.bytes(random.between(1_000, 40_000)).toString('base64'))}\n`,
    }))
    dist.set(version, {
      integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
      shasum: createHash('sha1').update(tarball).digest('hex'),
    })
    tree.tarballs.set(`/${node.name}/-/${file}-${version}.tgz`, tarball)
  }
  const shape: Shape = {
    versions: node.versions.length,
    dependencies: 0,
    devDependencies: random.between(0, 12),
    contributors: 0,
    scripts: random.between(0, 4),
    readme: random.between(500, 12_000),
  }
  tree.packuments.push(packumentOf(node.name, origin, shape, { versions: node.versions, dependencies: node.dependencies, dist }))
}
