/** Requests at random times, on average so many a second, each URL once. */
export interface Stream {
  name: string
  rate: number
  urls: string[]
}

export interface StreamResult {
  name: string
  /** Milliseconds from the scheduled time to the last byte. */
  latencies: number[]
  /** Answers of another status than 200, and requests without an answer. */
  failures: string[]
}
