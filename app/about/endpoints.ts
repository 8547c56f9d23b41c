/** What can be asked by curl, with keys of what it answers. */
export const ENDPOINTS = [
  {
    group: 'registry.about.api.groups.log',
    lines: [
      { path: '/sumdb/checkpoint', what: 'registry.about.api.lines.checkpoint' },
      { path: '/sumdb/tile/0/000', what: 'registry.about.api.lines.tile' },
      { path: '/sumdb/tile/entries/000', what: 'registry.about.api.lines.entriesTile' },
      { path: '/sumdb/vkey', what: 'registry.about.api.lines.vkey' },
      { path: '/sumdb/lookup/npm/name@1.0.0', what: 'registry.about.api.lines.lookup' },
      { path: '/sumdb/proof/npm/name@1.0.0', what: 'registry.about.api.lines.proof' },
      { path: '/api/log', what: 'registry.about.api.lines.overview' },
      { path: '/api/log/entries?limit=10', what: 'registry.about.api.lines.entries' },
      { path: '/api/log/entries/0', what: 'registry.about.api.lines.entry' },
      { path: '/api/log/checkpoints?limit=10', what: 'registry.about.api.lines.checkpoints' },
    ],
  },
  {
    group: 'registry.about.api.groups.registries',
    lines: [
      { path: '/api/search?q=name', what: 'registry.about.api.lines.search' },
      { path: '/api/registries?window=24h', what: 'registry.about.api.lines.registries' },
      { path: '/api/registries/npm', what: 'registry.about.api.lines.registry' },
      { path: '/api/registries/directory', what: 'registry.about.api.lines.directory' },
      { path: '/api/incidents?state=open', what: 'registry.about.api.lines.incidents' },
      { path: '/api/incidents/1/bundle', what: 'registry.about.api.lines.bundle' },
      { path: '/api/registry/status', what: 'registry.about.api.lines.status' },
      { path: '/api/preferences/options', what: 'registry.about.api.lines.options' },
    ],
  },
  {
    group: 'registry.about.api.groups.npm',
    lines: [
      { path: '/npm/name', what: 'registry.about.api.lines.packument' },
      { path: '/npm/-/npm/v1/keys', what: 'registry.about.api.lines.keys' },
      { path: '/health', what: 'registry.about.api.lines.health' },
    ],
  },
] as const
