/** What this room uses of the definitions that `@npmcli/config` brings without types. */
declare module '@npmcli/config/lib/definitions/index.js' {
  const npm: {
    definitions: { registry: { default: string } } & Record<string, { type: object, default?: unknown }>
    shorthands: Record<string, string | string[]>
    flatten: (data: Record<string, unknown>, flat: Record<string, unknown>) => void
    nerfDarts: string[]
  }
  export default npm
}
