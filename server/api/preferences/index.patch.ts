import { defineApiRoute } from '../../edge/api-route.ts'

/** Changes the profile of the token that is sent, by an RFC 7396 patch of `{ "content": { … } }`. */
export default defineApiRoute({ route: 'api-preferences', maxBody: 16 * 1024 }, async ({ services, headers: { authorization }, address, body }) =>
  services.preferences.change({ authorization, address }, await body()))
