import type { PreferenceOptions } from '../../../shared/types/preferences.ts'
import type { Authority } from '../../../app/preferences/arrange.ts'

export const NPM: Authority = {
  id: 'npm',
  sources: [
    { id: 'npm', role: 'authority' }, { id: 'north', role: 'mirror', of: 'npm' }, { id: 'south', role: 'mirror', of: 'npm' },
    { id: 'east', role: 'mirror', of: 'npm' },
  ],
}

export const OPTIONS: PreferenceOptions = {
  authorities: [NPM, { id: 'acme', sources: [{ id: 'acme', role: 'authority' }] }],
  strategies: ['priority', 'fastest', 'spread'],
  tarballs: ['auto', 'upstream', 'self'],
  defaults: { strategy: 'priority', tarballs: 'auto' },
}
