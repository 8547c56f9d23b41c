/** Who looks soon after an incident or its acknowledgement may miss it for so long. */
export const INCIDENTS_ROUTE = { route: 'api-incidents', cache: 'public, max-age=5', isOpen: true }

export const TAKEDOWNS_ROUTE = { route: 'api-takedowns', operatorsOnly: true }
