/** Points at which answers wait until a test says go: synchronisation without sleeps. */
export class Gates {
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  #gate(name: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(name) ?? Promise.withResolvers<void>();
    this.#gates.set(name, gate);
    return gate;
  }

  /** Lets everything pass that waits at this gate, now and later. */
  open(name: string): void {
    this.#gate(name).resolve();
  }

  /** Resolves when the gate is open or `gone` is aborted. */
  async pass(name: string, gone: AbortSignal): Promise<void> {
    if (gone.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    gone.addEventListener("abort", wake, { once: true });
    await Promise.race([this.#gate(name).promise, promise]);
    gone.removeEventListener("abort", wake);
  }
}
