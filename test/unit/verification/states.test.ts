import { describe, expect, it } from 'vitest'
import texts from '../../../i18n/locales/en/badge.json' with { type: 'json' }
import {
  VERIFICATION_COLORS, VERIFICATION_STATES, verificationStateOf, type VerificationState,
} from '../../../shared/verification/index.ts'

const STATES = Object.entries(VERIFICATION_STATES)

describe('looks of states', () => {
  it('have a text each, and no two of them the same words or the same shape', () => {
    const labels = Object.keys(texts.registry.badge.states).map(key => `registry.badge.states.${key}`)
    expect(STATES.map(([, { label }]) => label).toSorted()).toEqual(labels.toSorted())
    for (const part of ['english', 'icon'] as const) expect(new Set(STATES.map(([, look]) => look[part])).size).toBe(STATES.length)
  })

  it('never make what is only not known look bad', () => {
    for (const state of ['unavailable', 'not-recorded', 'pending'] as const) expect(VERIFICATION_STATES[state].color).toBe('neutral')
  })

  it('are read easily in light and dark', () => {
    for (const { light, dark } of Object.values(VERIFICATION_COLORS)) {
      expect(contrast(light, '#ffffff')).toBeGreaterThan(5.5)
      expect(contrast(dark, '#202020')).toBeGreaterThan(5.5)
    }
  })
})

describe('the state of a version', () => {
  it.each<[Parameters<typeof verificationStateOf>[0], VerificationState]>([
    [{}, 'not-recorded'],
    [{ evidence: 'signed' }, 'verified'],
    [{ evidence: 'fetched' }, 'verified'],
    [{ evidence: 'claimed' }, 'recorded'],
    [{ evidence: 'signed', isWithdrawn: true }, 'withdrawn'],
    [{ evidence: 'signed', isWithdrawn: true, isMismatch: true }, 'mismatch'],
    [{ evidence: 'signed', isPending: true }, 'pending'],
    [{ isPending: true }, 'pending'],
  ])('of %o is %s', (facts, state) => {
    expect(verificationStateOf(facts)).toBe(state)
  })
})

/** WCAG 2: the ratio of two colours' luminance. */
function contrast(...colors: [string, string]): number {
  const [dark, light] = colors.map(luminance).toSorted((a, b) => a - b)
  return (light! + 0.05) / (dark! + 0.05)
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
