import { readFile, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const locales = fileURLToPath(new URL('../../i18n/locales/en/', import.meta.url))
const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const ACCENTED = 'áƀçđéƒǧĥíĵķłḿńóƥɋŕšťúṽŵẋýžÁƁÇĐÉƑǦĤÍĴĶŁḾŃÓƤɊŔŠŤÚṼŴẊÝŽ'

type Messages = { [key: string]: string | Messages }

/** All our texts in a language that nobody speaks: in brackets and accents, with their values in place. */
export async function pseudoMessages(): Promise<Messages> {
  const messages: Messages = {}
  for (const file of await readdir(locales)) {
    merge(messages, translated(JSON.parse(await readFile(locales + file, 'utf8')) as Messages))
  }
  return messages
}

function translated(messages: Messages): Messages {
  return Object.fromEntries(Object.entries(messages).map(([key, value]) =>
    [key, typeof value === 'string' ? pseudo(value) : translated(value)]))
}

/** Plural forms each have their brackets. What stands in braces is a value's name, or a character with a meaning in messages. */
function pseudo(message: string): string {
  return message.split(' | ').map(form => `[${form.split(/(\{[^}]*\})/).map((part, n) => n % 2 ? part : accented(part)).join('')}]`).join(' | ')
}

function accented(text: string): string {
  return text.replace(/[a-z]/gi, letter => [...ACCENTED][PLAIN.indexOf(letter)]!)
}

function merge(into: Messages, from: Messages) {
  for (const [key, value] of Object.entries(from)) {
    const known = into[key]
    if (typeof known === 'object' && typeof value === 'object') merge(known, value)
    else into[key] = value
  }
}
