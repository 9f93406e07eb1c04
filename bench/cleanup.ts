/**
 * What a bench has started and must end, whatever happens: on success, on a throw, on Ctrl-C.
 */
export class Cleanup {
  readonly #steps: (() => Promise<void>)[] = []

  add(step: () => Promise<void>): void {
    this.#steps.push(step)
  }

  /** In reverse order of adding. A step that throws does not keep the others from running. */
  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse())
      try {
        await step()
      } catch (error) {
        process.stderr.write(`while cleaning up: ${error instanceof Error ? error.message : String(error)}\n`)
      }
  }
}
