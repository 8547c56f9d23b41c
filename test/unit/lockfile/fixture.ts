import { readFile } from 'node:fs/promises'
import { parseLockfile } from '../../../shared/lockfile/index.ts'
import type { LockedPackage, Lockfile } from '../../../shared/lockfile/index.ts'

/** A sample by its path in `samples/`. */
export async function sample(path: string): Promise<Lockfile> {
  return parseLockfile(await readFile(new URL(`samples/${path}`, import.meta.url), 'utf8'), path)
}

/** What the samples' registry published: the digests that every client locks alike. */
export const PUBLISHED = {
  '@fx/native-darwin-arm64@1.0.0': 'hqRw5CbyRtcWzMx5J6a5qiwVry58PxQUUH9p48iWLXfP31+jlT4wzmrcfB31wAYqZUAm7DXDJjLTa9oQ3szgUA==',
  '@fx/native-linux-x64-gnu@1.0.0': 'wRKnxT+caNahRUDD7RQp2Sv+9wAGYNZxmSdMDJXnFBVbOEcFCV7IPkGS1KYkJ4/3r8a182RRBren4vWnjfehpw==',
  '@fx/native-linux-x64-musl@1.0.0': '9h4qyjb1JCxSTSHvVzdZSOINeCj3P8DSYAuLrIYeiCZczGjTLaBNvjV1FYuhK4yLRpbJVdl7TWkSkLqFrXZs2A==',
  '@fx/util@1.2.3': '+NMlekmbVV8P+ynHIX5hVuh3MZb8I/QDHgwjYlKRXJ+mt6o6fzwjL40Pq3qNc6dBebqdCPJyXmj6VMD02ZrEfA==',
  'fx-bundled@0.5.0': 'Dox/hv/ftau5F39CIaCvZ08l/yeGihpmJPvX8vDuyJ6xnMEE8RPOroiZYnE8JjoZsoPFBtHTS9xvGVSn5f8oUg==',
  'fx-bundler@1.0.0': '7jMdcNwYKVbwuqwEzmfZOg/4r5NuCK134G8TTkchB2zMOh51k5IzZ+P7KMmvAuH/msAdk/RuRxvfhQ2AUENV5Q==',
  'fx-cli@2.1.0': 'Nc/rn2+LnoS/15oRw1xflcm/OMYUq3JLwBJxTcwRsuqZ+oTigTTInWdhx71ae3BLYO2dE7RfjruRcWVO47Rw7w==',
  'fx-host@1.0.0': 'ZnF6clqJoGR7Zd+HEz7/SMJYtsu3ZnwoQuscJFkqP7qsfYF9SWRB6pzzYkFSHnyQqkUubIfW4LmAW8U6mWvqLA==',
  'fx-lib@1.1.0': 'YIMEzJ5Rn4nZlHzXUe1DtUje5QWfHWbsGDlug0JQhXgU2X/69bI0zOJ1fk8SENQnQxa4GbffnUYsbOAC1MbVxQ==',
  'fx-lib@2.0.0': 'IKsmxC3UpmPMQ4lKeKFEDke+qOgUNaLuN6i99SVDh87/TIlm5c53u8TzKin4Mn1ue4Pneo+ai6ynVOs/pqPc8Q==',
  'fx-native@1.0.0': '43TeKVFPwH/60PdMdX+K9o3wjT5Dt5asyssPufB/52tcg8qOXrphLV+clTN6Y+VVznpRrlso76kU5PwWMABV3g==',
}

const LOCAL = 'sha512-NXBwzzrzg6AUC2cOwB+2OUxq76S30Lcb3N2goEduMecCyQUK2RO2GeFX8yaOv+or3snx7mFE6sHYc+vDFZt2yQ=='
const REMOTE = 'sha512-3QUrRedcOUZ4iyqQ5RQfFnu7yTjwccV6eZ7+wqKO63Ut7aJd5uwM8WV9kSGhgTEvn9/BpwqXZIOe4uowyuQvhw=='
export const DIGESTS = { local: LOCAL, remote: REMOTE }

export const REMOTE_URL = 'https://files.example/fx-remote.tgz'
export const COMMIT = 'e89d821c819e2e0c5069167b5d894763be61d84c'

/** The name and version of `name@version`. */
function split(spec: string): { name: string, version: string } {
  const at = spec.lastIndexOf('@')
  return { name: spec.slice(0, at), version: spec.slice(at + 1) }
}

export function tarballUrl(spec: string): string {
  const { name, version } = split(spec)
  return `https://registry.example/${name}/-/${name.replace(/^@.*\//, '')}-${version}.tgz`
}

/** A published package that is locked with its digest, at `at`. */
export function published(spec: keyof typeof PUBLISHED, at: string, more: Partial<LockedPackage> = {}): LockedPackage {
  return { ...split(spec), integrity: `sha512-${PUBLISHED[spec]}`, at, state: 'registry', ...more }
}

/** Something that no registry knows; the spec ends with @ where the lockfile names no version. */
export function foreign(spec: string, at: string, resolved: string | undefined, note: string, integrity?: string): LockedPackage {
  return {
    ...split(spec), at, state: 'not-from-registry', note,
    ...(resolved !== undefined && { resolved }),
    ...(integrity !== undefined && { integrity }),
  }
}
