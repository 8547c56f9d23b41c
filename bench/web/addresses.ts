/** A page, and the addresses of it that are asked for in turn. */
export interface PageAddresses {
  title: string
  /** Paths below the server's root. */
  paths: readonly string[]
}

/** Different entries and packages, so that no cache of one answer is measured. */
const VARIANTS = 50

/**
 * Every page of the app, with what a log of this size has.
 * @param subjects `name@version` of every record
 */
export function addressesOf(subjects: readonly string[]): PageAddresses[] {
  const chosen = Array.from({ length: VARIANTS }, (_, n) => Math.floor((n + 0.5) / VARIANTS * subjects.length))
  const nameOf = (subject: string) => subject.slice(0, subject.lastIndexOf('@'))
  const names = chosen.map(index => nameOf(subjects[index]!))
  const digest = 'sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng=='
  return [
    { title: 'home', paths: ['', 'api/log'] },
    { title: 'log', paths: ['log', ...chosen.map(index => `log?before=${index + 100}`)] },
    {
      title: 'log, filtered',
      paths: [
        'log?kind=conflict', 'log?kind=version', 'log?evidence=signed', 'log?evidence=fetched',
        ...names.map(name => `log?package=${encodeURIComponent(name)}`), ...names.map(name => `log?q=${encodeURIComponent(name.slice(0, 4))}`),
      ],
    },
    { title: 'entry', paths: chosen.map(index => `log/${index}`) },
    { title: 'checkpoints', paths: ['checkpoints'] },
    { title: 'tiles', paths: ['tiles'] },
    { title: 'package', paths: names.map(name => `package/${name}`) },
    { title: 'search', paths: [...names.map(name => `search?q=${encodeURIComponent(name)}`), `search?q=${encodeURIComponent(digest)}`, 'search?q=tiny'] },
    { title: 'registries', paths: ['registries'] },
    { title: 'registry', paths: ['registries/bench'] },
    { title: 'incidents', paths: ['incidents'] },
    { title: 'verify', paths: ['verify'] },
    { title: 'preferences', paths: ['preferences'] },
    { title: 'about', paths: ['about'] },
    { title: 'badge', paths: chosen.map(index => `badge/npm/${subjects[index]!}.svg`) },
  ]
}
