/**
 * Every text a person reads, under one root and with static keys, so that a translation module can
 * take the file over. `{name}` marks a value; `fill` puts it in.
 */
export const messages = {
  registry: {
    name: 'npmx registry',
    skip: 'Skip to the content',
    theme: 'Switch between light and dark',
    home: {
      title: 'npmx registry: one registry URL for every npm client',
      description: 'A registry proxy: it fetches packages from your registries and mirrors, keeps a copy, and checks the tarballs it serves.',
      heading: 'The registry in front of your registries',
      lede: 'Point npm, pnpm, Yarn or Bun here and install as before. Packages come from the upstreams you configured, are kept for the next install, and every tarball served from here is checked against its sha512.',
    },
    address: {
      label: 'Registry URL',
      what: 'the registry URL',
    },
    copy: {
      action: 'Copy',
      done: 'Copied',
      selected: 'Selected',
      name: 'Copy {what}',
      announced: 'Copied {what}.',
      blocked: 'The browser blocks copying. The text is selected: copy it with the keyboard.',
    },
    setup: {
      heading: 'Set it up',
      clients: 'Package manager',
      everywhere: 'For all your projects',
      project: 'For one project, in its directory',
      undo: 'Undo',
      deleteLines: 'To undo, delete these lines.',
      what: {
        everywhere: 'the {client} setting for all projects',
        project: 'the {client} setting for one project',
        undoEverywhere: 'how to undo it for all projects',
        undoProject: 'how to undo it for one project',
      },
      inFile: 'in {file}',
      plainHttp: 'This address is plain HTTP, which Yarn refuses until the host is allowed by name.',
    },
    clients: {
      npm: 'npm',
      pnpm: 'pnpm',
      yarn1: 'Yarn 1',
      yarn: 'Yarn 2+',
      bun: 'Bun',
    },
    live: {
      heading: 'Right now',
      upstreams: 'Upstreams',
      noUpstream: 'No upstream is configured, so no package can be fetched. Name a registry in the configuration file or in .npmrc.',
      missing: 'not known',
      loading: 'Loading',
    },
    connection: {
      loading: 'Asking the server',
      live: 'Live, asked again every 5 s',
      unscripted: 'As it was when this page was loaded',
      unreachable: 'Cannot reach the server; retrying',
      failed: 'The server answered {status}; retrying',
      offline: 'You are offline; waiting for the network',
      lastAnswer: 'Last answer {age}.',
    },
    figures: {
      requests: 'Requests',
      errors: '{count} failed',
      share: 'From cache',
      noRequest: 'no request yet',
      packuments: 'Packuments',
      ready: 'In memory',
      tarballs: 'Tarballs',
      running: 'Uptime',
      version: 'v{version}',
    },
    upstream: {
      authority: 'Authority',
      mirror: 'Mirror',
      everything: 'for all names',
      routes: 'for {routes}',
      noRoute: 'without a route',
      checked: 'Asked {age}.',
      latency: '{ms} ms',
      latencyName: 'answered in',
    },
    states: {
      up: 'Up',
      down: 'Down',
      unknown: 'Not asked yet',
    },
    path: {
      heading: 'What happens to a request',
      steps: [
        {
          title: 'Your client asks here.',
          text: 'Its tokens, cookies and other identifying headers end here. An upstream only ever sees the credentials the operator configured for that upstream.',
        },
        {
          title: 'What is known is answered at once.',
          text: 'Package documents come from memory or disk. When many clients want the same one, the upstream is asked once.',
        },
        {
          title: 'What is new is fetched.',
          text: 'The name decides which upstream is asked. While an upstream is down, the last good copy is served.',
        },
        {
          title: 'Tarballs are checked.',
          text: 'A tarball that passes through is hashed; if its sha512 is not the expected one, the download is aborted and nothing is kept. One that is redirected to its upstream is checked by your client.',
        },
      ],
    },
    footer: {
      label: 'Operations',
      health: 'Health',
      metrics: 'Metrics',
    },
    age: {
      now: 'just now',
      seconds: '{n} s ago',
      minutes: '{n} min ago',
      hours: '{n} h ago',
      days: '{n} d ago',
    },
    duration: {
      seconds: '{n} s',
      minutes: '{n} min',
      hours: '{n} h {m} min',
      days: '{n} d {h} h',
    },
    error: {
      notFoundTitle: 'There is no page here',
      notFound: 'Nothing lives at this address. npm clients use the registry URL on the start page; packages have no pages yet.',
      failedTitle: 'This page could not be made',
      failed: 'The server failed while making this page. The registry itself may still answer: see its health.',
      home: 'Go to the start page',
    },
  },
} as const
