/** An Ollama that lists what it is told to and answers every chat; or one that accepts and says nothing. */
export class FakeOllama {
  readonly #server: Bun.Server<undefined>;
  /** What `/api/tags` lists, as Ollama writes it. */
  models: readonly unknown[];
  /** Paths asked for, oldest first. */
  readonly asked: string[] = [];
  readonly #hung: (() => void)[] = [];

  constructor(models: readonly unknown[], { hangs = false } = {}) {
    this.models = models;
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      development: false,
      reusePort: false,
      idleTimeout: 0,
      fetch: async (request) => {
        const { pathname } = new URL(request.url);
        this.asked.push(pathname);
        if (hangs) await new Promise<void>((resolve) => this.#hung.push(resolve));
        return pathname === "/api/tags" ? Response.json({ models: this.models }) : chat(await request.json());
      },
    });
  }

  /** As `OLLAMA_HOST` has it. */
  get host(): string {
    return `127.0.0.1:${this.#server.port}`;
  }

  async stop(): Promise<void> {
    for (const wake of this.#hung) wake();
    await this.#server.stop(true);
  }
}

function chat(body: unknown): Response {
  const model = typeof body === "object" && body !== null && "model" in body ? body.model : undefined;
  return Response.json({
    id: "chatcmpl-1",
    object: "chat.completion",
    model,
    choices: [{ index: 0, message: { role: "assistant", content: String(model) }, finish_reason: "stop" }],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  });
}
