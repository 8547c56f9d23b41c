/** Why a file cannot be checked as that of an incident, or a key cannot be checked with: one sentence for people. */
export class BundleError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BundleError'
  }
}
