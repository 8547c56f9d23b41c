import type { Page } from 'playwright-core'

/**
 * Words on a page that no translator could have written: in Latin letters, in no brackets of the pseudo-language, and not
 * marked as data. Names, hashes and code are `dir="ltr"` or in elements for them; what the server wrote in its own language,
 * and what others wrote, is `dir="auto"`.
 */
export function untranslated(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const DATA = 'code, pre, kbd, samp, var, time, bdi, script, style, noscript, template, svg title, textarea, '
      + '[dir="ltr"], [dir="auto"], [translate="no"], .registry-mono'
    const ATTRIBUTES = ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-roledescription', 'aria-valuetext']
    // Values may stand inside of brackets; attributes have no elements for digests in them.
    const VALUES = [
      /\[[^[\]]*(?:\[[^[\]]*\][^[\]]*)*\]/g,
      /\bsha\d+-[\w+/]+=*/g,
      /(?<![\w+/])[\w+/]{43}=/g,
      /\d\s?(?:ms|s|B|kB|MB|GB)(?:\/s)?(?!\w)/g,
    ]
    const found = new Set<string>()
    const look = (text: string, where: string) => {
      const rest = VALUES.reduce((rest, value) => rest.replaceAll(value, ' '), text)
      if (/[a-z]{2,}/i.test(rest)) found.add(`${where}: ${text.trim().slice(0, 120)}`)
    }
    const main = document.querySelector('main') ?? document.body
    look(document.title.replace(/ – the host$/, ''), 'title')
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const { parentElement: parent, textContent } = walker.currentNode
      if (parent && !parent.closest(DATA)) look(textContent ?? '', parent.tagName.toLowerCase())
    }
    for (const element of main.querySelectorAll('*')) {
      // What a title repeats is the element's own.
      for (const name of ATTRIBUTES) {
        const value = element.getAttribute(name)
        if (value !== null && !(name === 'title' && element.closest(DATA))) look(value, `${element.tagName.toLowerCase()}[${name}]`)
      }
    }
    return [...found]
  })
}
