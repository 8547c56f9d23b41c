/**
 * Finds many things at a time: what is asked for while a question is under way becomes the next question. So a flood of unknown
 * keys costs one query after the other, and not one each.
 * @param find what there is of these; keys without an answer are not there
 * @param most keys of one question
 */
export function createBatch<T>(find: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>, most: number) {
  const waiting = new Map<string, PromiseWithResolvers<T | undefined>>()
  let isAsking = false

  async function askAll() {
    isAsking = true
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, most)
      for (const [key] of batch) waiting.delete(key)
      try {
        const found = await find(batch.map(([key]) => key))
        for (const [key, { resolve }] of batch) resolve(found.get(key))
      } catch (error) {
        for (const [, { reject }] of batch) reject(error)
      }
    }
    isAsking = false
  }

  return (key: string): Promise<T | undefined> => {
    let answer = waiting.get(key)
    if (!answer) {
      waiting.set(key, answer = Promise.withResolvers())
      if (!isAsking) void askAll()
    }
    return answer.promise
  }
}
