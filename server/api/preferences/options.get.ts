import { defineApiRoute } from '../../edge/api-route.ts'

/** What a profile can choose from. */
export default defineApiRoute({ route: 'api-preferences-options', isOpen: true }, ({ services }) => services.preferences.options())
