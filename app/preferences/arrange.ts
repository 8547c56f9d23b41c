import type { PreferenceOptions, SourceWishes } from '../../shared/types/preferences.ts'

/** An authority and its mirrors, in the operator's order. */
export type Authority = PreferenceOptions['authorities'][number]

interface ArrangedSource {
  id: string
  role: 'authority' | 'mirror'
  /** It has this place whatever the strategy says: a profile's `mirrors` names it. */
  isFixed: boolean
  isOff: boolean
}

/** The sources of an authority as these wishes ask them: those with a fixed place, then the others in the operator's order. */
export function arrange({ sources }: Authority, { mirrors = [], disabled = [] }: SourceWishes): ArrangedSource[] {
  const fixed = mirrors.flatMap(id => sources.find(source => source.id === id) ?? [])
  const rest = sources.filter(source => !fixed.includes(source))
  return [...fixed, ...rest].map(({ id, role }, index) =>
    ({ id, role, isFixed: index < fixed.length, isOff: disabled.includes(id) }))
}

/**
 * Gives a source another place.
 * @param to index among the sources of its authority
 * @param isStrict the rest is asked in the operator's order too (`priority`), so only as many places are fixed as needed
 */
export function moveSource(
  authority: Authority, wishes: SourceWishes, id: string, to: number, isStrict: boolean,
): SourceWishes & { mirrors: string[] } {
  const before = arrange(authority, wishes)
  const from = before.findIndex(source => source.id === id)
  const order = before.map(source => source.id)
  order.splice(to, 0, ...order.splice(from, 1))

  const { sources } = authority
  const rank = (one: string) => sources.findIndex(source => source.id === one)
  const wanted = isStrict ? 0 : Math.max(before.filter(({ isFixed }) => isFixed).length, to < from ? to + 1 : to)
  let fixed = order.length
  while (fixed > wanted && isAscending(order.slice(fixed - 1).map(rank))) fixed--

  const others = (wishes.mirrors ?? []).filter(one => rank(one) === -1)
  return { ...wishes, mirrors: [...others, ...order.slice(0, fixed)] }
}

/** Switches a source on or off. The last one of its authority stays on: the wishes come back as they were. */
export function switchSource(
  authority: Authority, wishes: SourceWishes, id: string, isOn: boolean,
): SourceWishes & { disabled: string[] } {
  const { disabled = [] } = wishes
  if (!isOn && isLast(authority, wishes, id)) return { ...wishes, disabled }
  return { ...wishes, disabled: isOn ? disabled.filter(one => one !== id) : [...new Set([...disabled, id])] }
}

/** Whether nobody else is left to deliver what is at this authority. */
export function isLast(authority: Authority, wishes: SourceWishes, id: string): boolean {
  const on = arrange(authority, wishes).filter(({ isOff }) => !isOff)
  return on.length === 1 && on[0]!.id === id
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || numbers[index - 1]! < number)
}
