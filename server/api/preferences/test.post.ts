import type { PreferencesTrial } from '../../../shared/types/preferences.ts'
import { defineApiRoute } from '../../edge/api-route.ts'

/** Sources that one test asks. */
const MOST_SOURCES = 20

/** Asks the sources that a profile with this `{ "content": { … } }` would ask, before it is saved. */
export default defineApiRoute({ route: 'api-preferences-test', maxBody: 16 * 1024 }, async ({
  services: { preferences, compare }, headers: { authorization }, address, body,
}): Promise<PreferencesTrial> => {
  const ids = await preferences.asked({ authorization, address }, await body())
  const sources = await compare.trySources(ids.slice(0, MOST_SOURCES))
  return { at: new Date().toISOString(), sources, untried: ids.slice(MOST_SOURCES) }
})
