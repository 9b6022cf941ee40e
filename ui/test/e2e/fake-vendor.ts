/** The key that the vendor knows. */
export const VENDOR_KEY = "sk-vendor-key-that-is-right-0042";

/** A vendor who lists models, and answers chats, to whoever has the right key. */
export class FakeVendor {
  readonly #server: Bun.Server<undefined>;

  constructor(models: readonly string[]) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      development: false,
      reusePort: false,
      fetch(request) {
        if (request.headers.get("authorization") !== `Bearer ${VENDOR_KEY}`) {
          return Response.json({ error: { message: "Incorrect API key provided" } }, { status: 401 });
        }
        if (request.method === "GET") return Response.json({ data: models.map((id) => ({ id })) });
        return Response.json({
          id: "chatcmpl-1",
          object: "chat.completion",
          model: "gpt-4o",
          choices: [
            { index: 0, message: { role: "assistant", content: "From the vendor" }, finish_reason: "stop" },
          ],
          usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 },
        });
      },
    });
  }

  /** As a provider's address. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/v1`;
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }
}
