/** Runs work once for everybody who asks for the same key while it is running. */
export interface SingleFlight<T> {
  run(key: string, work: () => Promise<T>): Promise<T>
  readonly running: number
}

/** @param joined told for every caller that found the work already running */
export function createSingleFlight<T>(joined?: (key: string) => void): SingleFlight<T> {
  const flights = new Map<string, Promise<T>>()
  return {
    run(key, work) {
      const running = flights.get(key)
      if (running) {
        joined?.(key)
        return running
      }
      const flight = work().finally(() => flights.delete(key))
      flights.set(key, flight)
      return flight
    },
    get running() {
      return flights.size
    },
  }
}
