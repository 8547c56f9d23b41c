import { describe, expect, it } from 'vitest'
import { arrange, isLast, moveSource, switchSource } from '../../../app/preferences/arrange.ts'
import type { SourceWishes } from '../../../shared/types/preferences.ts'
import { NPM } from './fixture.ts'

const orderOf = (wishes: SourceWishes) => arrange(NPM, wishes).map(({ id, isFixed }) => isFixed ? `${id}!` : id).join(' ')

describe('the order of sources', () => {
  it('is the operator\'s, after those that have a place of their own', () => {
    expect(orderOf({})).toBe('npm north south east')
    expect(orderOf({ mirrors: ['east', 'gone', 'acme'] })).toBe('east! npm north south')
  })

  it('fixes as few places as say the same, where the rest follows the operator', () => {
    expect(moveSource(NPM, {}, 'north', 0, true).mirrors).toEqual(['north'])
    expect(moveSource(NPM, {}, 'npm', 1, true).mirrors).toEqual(['north'])
    expect(moveSource(NPM, {}, 'npm', 3, true).mirrors).toEqual(['north', 'south', 'east'])
    expect(moveSource(NPM, { mirrors: ['north'] }, 'north', 1, true).mirrors).toEqual([])
    expect(orderOf(moveSource(NPM, { mirrors: ['east'] }, 'east', 1, true))).toBe('npm! east! north south')
  })

  it('fixes every place that was chosen, where the rest is drawn', () => {
    expect(orderOf(moveSource(NPM, { mirrors: ['north'] }, 'south', 1, false))).toBe('north! south! npm east')
    expect(orderOf(moveSource(NPM, { mirrors: ['north', 'npm'] }, 'npm', 0, false))).toBe('npm! north! south east')
  })

  it('comes out as it was asked for, from every order and whatever is moved', () => {
    const ids = NPM.sources.map(({ id }) => id)
    for (const mirrors of [[], ['east'], ['south', 'npm'], ['east', 'south', 'north', 'npm']]) {
      for (const isStrict of [true, false]) {
        for (const id of ids) {
          for (let to = 0; to < ids.length; to++) {
            const before = arrange(NPM, { mirrors }).map(source => source.id)
            const expected = before.filter(one => one !== id).toSpliced(to, 0, id)
            expect(arrange(NPM, moveSource(NPM, { mirrors }, id, to, isStrict)).map(source => source.id)).toEqual(expected)
          }
        }
      }
    }
  })

  it('leaves the sources of other authorities where they are', () => {
    expect(moveSource(NPM, { mirrors: ['acme'] }, 'north', 0, true).mirrors).toEqual(['acme', 'north'])
  })
})

it('keeps the last source on', () => {
  let wishes: SourceWishes = {}
  for (const id of ['npm', 'south', 'east']) wishes = switchSource(NPM, wishes, id, false)
  expect(wishes.disabled).toEqual(['npm', 'south', 'east'])
  expect(isLast(NPM, wishes, 'north')).toBe(true)
  expect(switchSource(NPM, wishes, 'north', false).disabled).toEqual(['npm', 'south', 'east'])
  expect(switchSource(NPM, wishes, 'npm', true).disabled).toEqual(['south', 'east'])
})
