/** What an upstream answers with, byte for byte. */
export interface Replay {
  /** Text of a stream's body, or of a whole answer. */
  readonly stream: string;
  readonly whole: string;
}

/** A server that gives each model's answer as it was recorded: for what must pass unchanged. */
export class ReplayUpstream {
  readonly #replays = new Map<string, Replay>();
  /** Paths and bodies of what it was asked, in their order. */
  readonly asked: { readonly path: string; readonly body: unknown }[] = [];
  readonly #server: Bun.Server<undefined>;

  constructor() {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      development: false,
      reusePort: false,
      fetch: async (request) => {
        const asked: unknown = await request.json();
        this.asked.push({ path: new URL(request.url).pathname, body: asked });
        if (typeof asked !== "object" || asked === null || !("model" in asked))
          return new Response("no model");
        const replay = this.#replays.get(String(asked.model));
        const isStream = "stream" in asked && asked.stream === true;
        const type = isStream ? "text/event-stream" : "application/json";
        return new Response(isStream ? replay?.stream : replay?.whole, { headers: { "content-type": type } });
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/v1`;
  }

  add(model: string, replay: Replay): void {
    this.#replays.set(model, replay);
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }
}
