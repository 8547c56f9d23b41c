import { defineApiRoute } from '../../edge/api-route.ts'

/** The profile of the token that is sent. */
export default defineApiRoute({ route: 'api-preferences' }, ({ services, headers: { authorization }, address }) =>
  services.preferences.read({ authorization, address }))
