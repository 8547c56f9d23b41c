/** What the surfaces share: a request, an answer, and how errors look in HTTP. */
export { readJsonBody, readRequestBody } from './body.ts'
export { createClientLimit, type ClientLimit } from './client-limit.ts'
export { badRequest, parseChoice, parseIndex, parsePackage, parsePage, readQuery, type Page } from './query.ts'
export { parseReason } from './reason.ts'
export { json, notAllowed, refusal } from './responses.ts'
export type { About, HttpRequest, HttpResponse } from './types.ts'
