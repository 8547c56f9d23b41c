import { defineApiRoute } from '../../edge/api-route.ts'

/** Removes the profile of the token that is sent; the token is nobody's from then on. */
export default defineApiRoute({ route: 'api-preferences' }, ({ services, headers: { authorization }, address }) =>
  services.preferences.remove({ authorization, address }))
