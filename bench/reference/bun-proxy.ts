/**
 * The least a gateway on this runtime can cost: parse, rewrite the model, forward, parse, wrap. No keys, no limits,
 * no prices, no journal. `bun bun-proxy.ts <chat completions URL>`; prints its port.
 */
const upstream = process.argv[2] ?? "";

/** Parses every event of the upstream's stream and writes it again, as a translating gateway must. */
function relay(body: ReadableStream<Uint8Array<ArrayBuffer>>, model: string): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      const events = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = events.pop() ?? "";
      let out = "";
      for (const event of events) {
        const data = event.slice("data: ".length);
        out +=
          data === "[DONE]" ? `${event}\n\n` : `data: ${JSON.stringify({ ...JSON.parse(data), model })}\n\n`;
      }
      controller.enqueue(encoder.encode(out));
    },
    cancel: () => void reader.cancel(),
  });
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  development: false,
  reusePort: false,
  idleTimeout: 60,
  async fetch(request) {
    if (request.method === "GET") return new Response("ok");
    const started = performance.now();
    const asked: { model: string; stream?: boolean } = JSON.parse(await request.text());
    const response = await fetch(upstream, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer reference" },
      body: JSON.stringify({ ...asked, model: "bench" }),
      redirect: "manual",
      proxy: false,
      timeout: false,
      signal: request.signal,
    });
    if (asked.stream === true && response.body) {
      return new Response(relay(response.body, asked.model), {
        headers: { "content-type": "text/event-stream" },
      });
    }
    const answer: object = JSON.parse(await response.text());
    const meta = { request_id: "req_reference", latency_ms: Math.round(performance.now() - started) };
    return Response.json({ status: "ok", data: { ...answer, model: asked.model, _meta: meta }, meta });
  },
});
console.log(JSON.stringify({ port: server.port }));
