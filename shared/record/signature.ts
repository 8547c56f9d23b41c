/**
 * SPEC: npm's registry signatures are made over this text: ECDSA on P-256 with SHA-256, DER, base64.
 * @param integrity `dist.integrity` verbatim, or the SRI string of its bytes
 */
export function signedMessage(name: string, version: string, integrity: string): string {
  return `${name}@${version}:${integrity}`
}
