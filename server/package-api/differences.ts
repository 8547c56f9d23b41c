import type { PackageDifferences } from '../../shared/types/packages.ts'
import { badRequest } from '../http/index.ts'
import { diffDocuments } from './diff.ts'
import { choosePackage } from './packages.ts'
import { parseDifferencesQuery } from './query.ts'
import { askedSource, type AskingRooms } from './registries.ts'

/**
 * Two sources' documents of a package, field by field.
 * @param address of the client
 * @throws RegistryError as {@link compareRegistries} does
 */
export async function compareDocuments(
  name: string, query: URLSearchParams, address: string | undefined, rooms: AskingRooms,
): Promise<PackageDifferences> {
  const { authority, left, right } = parseDifferencesQuery(query)
  const { chosen } = await choosePackage(name, authority, rooms)
  const sources = [left, right].map(id => chosen.sources.find(source => source.id === id))
  const [one, other] = sources
  if (!one || !other || one === other) {
    throw badRequest(`The parameters left and right must be two of ${chosen.sources.map(({ id }) => id).join(', ')}.`)
  }
  const [a, b] = await rooms.sideBySide.look(name, [one, other], true, () => rooms.limit.take(address))
  const [leftFields, rightFields] = [a!.summary?.fields, b!.summary?.fields]
  return {
    name,
    authority: chosen.authority.id,
    left: askedSource(a!),
    right: askedSource(b!),
    found: leftFields && rightFields
      ? diffDocuments({ fields: leftFields, base: one.url }, { fields: rightFields, base: other.url })
      : null,
  }
}
