import type { PackageSubject } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'

/** How the log calls a package of an authority. @param defaultNamespace of the authority whose packages carry none */
export function packageSubject(name: string, { namespace }: RegistryConfig, defaultNamespace: string): PackageSubject {
  return namespace === defaultNamespace ? { name } : { name, namespace }
}
