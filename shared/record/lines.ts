import { RecordError, quote } from './errors.ts'

/** Takes a record's lines below the first, one after the other. */
export interface LineReader {
  has: (key: string) => boolean
  /** The value of the next line, which must have this key. */
  take: (key: string) => string
  /** The words of every next line with this key. */
  takeAll: (key: string) => string[][]
  /** Nothing may be left. */
  end: () => void
}

export function createLineReader(lines: readonly string[]): LineReader {
  let next = 0
  const has = (key: string) => lines[next]?.startsWith(`${key} `) ?? false
  const take = (key: string) => {
    if (!has(key)) throw new RecordError('BAD_RECORD', `The record has ${found(lines[next])} where its line "${key}" belongs.`)
    return lines[next++]!.slice(key.length + 1)
  }
  return {
    has,
    take,
    takeAll: (key) => {
      const all: string[][] = []
      while (has(key)) all.push(take(key).split(' '))
      return all
    },
    end: () => {
      if (next < lines.length) throw new RecordError('BAD_RECORD', `The record has ${found(lines[next])} where it should end.`)
    },
  }
}

function found(line: string | undefined): string {
  return line === undefined ? 'its end' : `the line ${quote(line)}`
}

/**
 * @param what for the message
 * @throws RecordError `BAD_RECORD` if the value does not pass
 */
export function checked(what: string, value: string, passes: (value: string) => boolean): string {
  if (typeof value !== 'string' || !passes(value)) throw new RecordError('BAD_RECORD', `A record cannot have ${quote(value)} as its ${what}.`)
  return value
}

/** One line, its value checked. */
export function line(key: string, value: string, passes: (value: string) => boolean): string {
  return `${key} ${checked(key, value, passes)}`
}
