/**
 * Preloaded into npm: `npm audit signatures` asks Sigstore's public repository for keys before it asks the registry.
 * Here that repository answers at once, and without the network, that it has none for this registry.
 */
const Module = require('node:module')

const load = Module._load
Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest)
  if (request !== '@sigstore/tuf') return loaded
  const getTarget = async () => {
    throw Object.assign(new Error('no such target'), { code: 'TUF_FIND_TARGET_ERROR' })
  }
  return { ...loaded, initTUF: async () => ({ getTarget }) }
}
