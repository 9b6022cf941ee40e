import { ProviderServer, serveBackend } from "../../backends/provider-server.ts";
import { startGateway } from "../../harness/gateway.ts";

const SECOND_MS = 1_000;
const WHOLE = {
  id: "chatcmpl-up",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "here" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};
const NO_LIMITS = { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0" };

/** A provider that is up or down, and knows when it was asked. */
class Provider {
  readonly asked: number[] = [];
  isDown = false;
  readonly server = new ProviderServer(() => {
    this.asked.push(performance.now());
    return this.isDown ? new Response("down", { status: 503 }) : Response.json(WHOLE);
  });
}

/** A stretch of time in which the providers are as they are. */
export interface Stretch {
  readonly seconds: number;
  readonly primaryDown: boolean;
  readonly otherDown: boolean;
}

/** What came of one stretch. */
export interface Driven {
  readonly requests: number;
  readonly served: number;
  /** Calls at the primary and at the other, in seconds since the stretch began. */
  readonly primary: readonly number[];
  readonly other: readonly number[];
}

/** Sends requests to a model with two backends at a steady rate, stretch by stretch, through a real gateway. */
export async function drive(gapMs: number, stretches: readonly Stretch[]): Promise<readonly Driven[]> {
  const [primary, other] = [new Provider(), new Provider()];
  const gateway = await startGateway({ env: NO_LIMITS });
  try {
    const accountAt = (provider: Provider) => ({
      type: "custom",
      base_url: provider.server.url,
      connection_config: { api_key: "fake-credential" },
    });
    const first = await serveBackend(gateway, accountAt(primary), "primary");
    const second = await serveBackend(gateway, accountAt(other), "other");
    const targets = [first, second].map(({ backendId: backend_id }, i) => ({ backend_id, priority: i + 1 }));
    await gateway.api("PATCH", `/v1/routing-policies/${first.policyId}`, { body: { targets } });
    const ask = async (): Promise<boolean> => {
      const body = { model: first.slug, messages: [{ role: "user", content: "Where?" }] };
      const call = { key: gateway.firstKey, body };
      return (await gateway.api("POST", "/v1/inference/chat", call)).status === 200;
    };
    const driven: Driven[] = [];
    for (const { seconds, primaryDown, otherDown } of stretches) {
      primary.isDown = primaryDown;
      other.isDown = otherDown;
      const [fromPrimary, fromOther] = [primary.asked.length, other.asked.length];
      const startMs = performance.now();
      const answers: Promise<boolean>[] = [];
      for (let atMs = 0; atMs < seconds * SECOND_MS; atMs += gapMs) {
        await Bun.sleep(Math.max(0, startMs + atMs - performance.now()));
        answers.push(ask());
      }
      const served = (await Promise.all(answers)).filter(Boolean).length;
      const since = (asked: readonly number[]) => asked.map((at) => (at - startMs) / SECOND_MS);
      driven.push({
        requests: answers.length,
        served,
        primary: since(primary.asked.slice(fromPrimary)),
        other: since(other.asked.slice(fromOther)),
      });
    }
    return driven;
  } finally {
    await gateway.stop();
    await primary.server.stop();
    await other.server.stop();
  }
}
