/** Answers each message of the parent process with what `obey` returns for it. */
export function serveCommands<Command>(obey: (command: Command) => Promise<unknown>): void {
  process.on('message', async (command: Command) => {
    process.send?.(await obey(command) ?? null)
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}
