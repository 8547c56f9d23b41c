import { describe, expect, it } from 'vitest'
import { drawBadge } from '../../../server/badges/picture.ts'
import { textWidth } from '../../../server/badges/width.ts'
import { VERIFICATION_STATES, type VerificationState } from '../../../shared/verification/index.ts'

describe('pictures', () => {
  it('say the state in words, in a shape and in light and dark', () => {
    for (const [state, { english, icon }] of Object.entries(VERIFICATION_STATES)) {
      const picture = drawBadge({ subject: 'a@1.0.0', state: state as VerificationState, title: 'a@1.0.0: so it is' })
      expect(picture).toContain(`>${english}</text>`)
      expect(picture).toContain(`d="${icon}"`)
      expect(picture).toContain('role="img" aria-label="a@1.0.0: so it is"><title>a@1.0.0: so it is</title>')
      expect(picture).toContain('@media(prefers-color-scheme:dark)')
    }
  })

  it('have nothing in them that came from outside as markup', () => {
    const hostile = '</text><script>alert(1)</script>"\'&\u0000\u001b'
    const picture = drawBadge({ subject: hostile, state: 'verified', text: hostile, title: hostile })
    expect(picture).not.toMatch(/<script|\p{Cc}(?<!\n$)/u)
    expect(picture.match(/<text /g)).toHaveLength(2)
    expect(picture).toContain('&lt;script&gt;')
  })

  it('are as wide as what they say, whatever the length of a name', () => {
    const widthOf = (subject: string) => Number(/ width="([\d.]+)"/.exec(drawBadge({ subject, state: 'verified', title: '' }))![1])
    expect(widthOf('WWWWWWWW')).toBeGreaterThan(widthOf('iiiiiiii') + 50)
    expect(widthOf('i'.repeat(214))).toBeLessThan(260)
    expect(drawBadge({ subject: `${'a'.repeat(100)}@1.2.3`, state: 'verified', title: '' })).toMatch(/>a+…a+@1\.2\.3<\/text>/)
  })

  it('are measured in Verdana', () => {
    expect(textWidth('', 11)).toBe(0)
    expect(textWidth('verified', 10)).toBe(37.3)
    expect(textWidth(' ~', 10)).toBe(11.7)
    expect(textWidth('…', 10)).toBe(10)
  })
})
