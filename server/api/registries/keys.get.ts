import { defineApiRoute } from '../../edge/api-route.ts'

/** Which registry signs with which key, and who passes it on. Registries of private names only for operators. */
export default defineApiRoute({ route: 'api-registries', isOpen: true }, async ({ services, isOperator }) =>
  services.signingKeys(await isOperator()))
