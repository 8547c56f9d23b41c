/** Bad configuration. It stops the start; `problems` holds one line for each bad value, naming where it was read. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** Thrown by parsers of single values: the sentence that follows the value's path in a problem. */
export class BadValue extends Error {}
