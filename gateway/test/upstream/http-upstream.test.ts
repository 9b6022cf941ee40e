import { afterEach, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import {
  callOf,
  chunk,
  CHUNKED_HEAD,
  faultOf,
  httpUpstream,
  rawServer,
  respond,
  type Answerer,
  type RawServer,
  readText,
} from "./support.ts";

const servers: RawServer[] = [];
function serve(answer: Answerer): RawServer {
  const server = rawServer(answer);
  servers.push(server);
  return server;
}
afterEach(() => {
  for (const server of servers.splice(0)) server.stop();
});

function headersOf(request: string | undefined): Map<string, string> {
  const [head = ""] = (request ?? "").split("\r\n\r\n");
  return new Map(
    head
      .split("\r\n")
      .slice(1)
      .map((line): [string, string] => {
        const at = line.indexOf(":");
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
      }),
  );
}

describe("what an upstream is sent", () => {
  test("path, body, Host and exactly the headers of the allow-list", async () => {
    const server = serve((peer) => peer.write(respond("{}")));
    const { upstream } = httpUpstream({ resolver: async () => [{ address: "127.0.0.1", family: 4 }] });
    const reply = await upstream.send(
      callOf({
        baseUrl: `http://up.example:${server.port}/v1/`,
        credentials: { apiKey: "sk-test" },
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        body: '{"a":1}',
      }),
    );
    reply.close();
    const [request = ""] = server.requests;
    expect(request).toStartWith("POST /v1/chat/completions HTTP/1.1\r\n");
    expect(request).toEndWith('\r\n\r\n{"a":1}');
    const headers = headersOf(request);
    expect(headers.get("host")).toBe(`up.example:${server.port}`);
    expect(headers.get("authorization")).toBe("Bearer sk-test");
    expect(headers.get("user-agent")).toBe("scaigrid/0.0.0");
    expect(headers.get("accept-encoding")).toBe("identity");
    expect([...headers.keys()].toSorted()).toEqual([
      "accept",
      "accept-encoding",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
      "traceparent",
      "user-agent",
    ]);
  });

  test("the query of a base URL and of a path are both kept", async () => {
    const server = serve((peer) => peer.write(respond("{}")));
    const { upstream } = httpUpstream();
    const { body: _, ...call } = callOf({
      baseUrl: `${server.url}?api-version=1`,
      method: "GET",
      path: "/models?limit=2",
    });
    (await upstream.send(call)).close();
    expect(server.requests[0]).toStartWith("GET /v1/models?limit=2&api-version=1 HTTP/1.1\r\n");
  });

  test("proxy variables of the environment are ignored", async () => {
    const proxy = serve((peer) => peer.write(respond('{"via":"proxy"}')));
    const server = serve((peer) => peer.write(respond('{"via":"direct"}')));
    const before = process.env["http_proxy"];
    process.env["http_proxy"] = `http://127.0.0.1:${proxy.port}`;
    try {
      const { upstream } = httpUpstream();
      const reply = await upstream.send(callOf({ baseUrl: server.url }));
      expect(await readText(reply)).toBe('{"via":"direct"}');
      expect(proxy.connections()).toBe(0);
    } finally {
      if (before === undefined) delete process.env["http_proxy"];
      else process.env["http_proxy"] = before;
    }
  });

  test("a private address behind a name is not connected to under the public-only policy", async () => {
    const server = serve((peer) => peer.write(respond("{}")));
    const { upstream } = httpUpstream({
      policy: { allowPrivate: false },
      resolver: async () => [{ address: "127.0.0.1", family: 4 }],
    });
    const fault = await faultOf(upstream.send(callOf({ baseUrl: `http://evil.example:${server.port}` })));
    expect(fault.class).toBe("unavailable");
    expect(server.connections()).toBe(0);
  });

  test("a host whose first address refuses is reached at its next", async () => {
    const server = serve((peer) => peer.write(respond("{}")));
    const { upstream } = httpUpstream({
      resolver: async () => [
        { address: "127.0.0.2", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ],
    });
    const reply = await upstream.send(callOf({ baseUrl: `http://two.example:${server.port}` }));
    reply.close();
    expect(reply.status).toBe(200);
  });

  test("a missing or unusable credential is an auth fault, and nothing is sent", async () => {
    const { upstream, gate } = httpUpstream();
    expect((await faultOf(upstream.send(callOf({ type: "openai" })))).class).toBe("auth");
    const forged = callOf({ type: "openai", credentials: { apiKey: "k\r\nx-evil: 1" } });
    const fault = await faultOf(upstream.send(forged));
    expect(fault.class).toBe("auth");
    expect(fault.reason).not.toContain("evil");
    expect(gate.all().size).toBe(0);
  });

  test("a provider without a base URL is unavailable", async () => {
    const { upstream } = httpUpstream();
    expect((await faultOf(upstream.send(callOf()))).class).toBe("unavailable");
    expect((await faultOf(upstream.send(callOf({ type: "nobody" })))).class).toBe("unavailable");
  });
});

describe("what comes back", () => {
  /** A head that promises more than is ever sent, so that only the reader can end it. */
  const unended = (status: string) => `HTTP/1.1 ${status}\r\ncontent-length: 100000000\r\n\r\n`;

  test("a redirect is an answer, not followed", async () => {
    const inner = serve((peer) => peer.write(respond("{}")));
    const server = serve((peer) => peer.write(respond("", `location: ${inner.url}\r\n`, "302 Found")));
    const { upstream } = httpUpstream();
    const reply = await upstream.send(callOf({ baseUrl: server.url }));
    reply.close();
    expect(reply.status).toBe(302);
    expect(reply.headers).not.toHaveProperty("location");
    expect(inner.connections()).toBe(0);
  });

  test("only headers of the allow-list are handed on", async () => {
    const extra =
      "retry-after: 7\r\nx-request-id: up-1\r\nX-RateLimit-Remaining: 3\r\nset-cookie: a=b\r\nserver: secret\r\n";
    const server = serve((peer) => peer.write(respond("{}", extra)));
    const { upstream } = httpUpstream();
    const reply = await upstream.send(callOf({ baseUrl: server.url }));
    reply.close();
    expect(reply.upstreamId).toBe("up-1");
    expect(reply.headers).toEqual({
      "content-type": "application/json",
      "retry-after": "7",
      "x-request-id": "up-1",
      "x-ratelimit-remaining": "3",
    });
  });

  test("an oversize body is a shape fault, and its connection is closed", async () => {
    const server = serve((peer) => peer.write(`${unended("200 OK")}${"x".repeat(200_000)}`));
    const { upstream, gate } = httpUpstream({ bodyBytesMax: 100_000 });
    const reply = await upstream.send(callOf({ baseUrl: server.url }));
    const fault = await faultOf(readText(reply));
    expect(fault).toMatchObject({ class: "shape", reason: expect.stringContaining("100000 bytes") });
    reply.close();
    expect(gate.all().size).toBe(0);
    await server.allClosed();
  });

  test("a gzip bomb is stopped at the cap of what it unpacks to", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`;
    const server = serve((peer) => peer.write(Buffer.concat([Buffer.from(head), bomb])));
    const { upstream } = httpUpstream({ bodyBytesMax: 1024 * 1024 });
    const reply = await upstream.send(callOf({ baseUrl: server.url }));
    expect((await faultOf(readText(reply))).class).toBe("shape");
    reply.close();
  });

  test("compressed answers are understood although nobody asked for compression", async () => {
    const packed = gzipSync('{"ok":true}');
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`;
    const server = serve((peer) => peer.write(Buffer.concat([Buffer.from(head), packed])));
    const { upstream } = httpUpstream();
    expect(await readText(await upstream.send(callOf({ baseUrl: server.url })))).toBe('{"ok":true}');
  });

  test("the body of an error is read up to its cap and then ends", async () => {
    const server = serve((peer) => peer.write(`${unended("500 Oops")}${"e".repeat(300_000)}`));
    const { upstream } = httpUpstream();
    const reply = await upstream.send(callOf({ baseUrl: server.url }));
    expect((await readText(reply)).length).toBe(64 * 1024);
    reply.close();
    await server.allClosed();
  });

  test("an answer without a body ends at once", async () => {
    const server = serve((peer) => peer.write("HTTP/1.1 204 No Content\r\n\r\n"));
    const { upstream } = httpUpstream();
    const reply = await upstream.send(callOf({ baseUrl: server.url }));
    expect(await reply.read()).toBeUndefined();
    reply.close();
  });
});

describe("connections", () => {
  async function streamOnce(server: RawServer, how: "complete" | undefined): Promise<void> {
    const { upstream } = shared;
    const reply = await upstream.send(callOf({ baseUrl: server.url, stream: true }));
    const decoder = new TextDecoder();
    let text = "";
    while (!text.includes("[DONE]")) text += decoder.decode(await reply.read());
    reply.close(how);
  }
  const shared = httpUpstream();

  test("a stream closed as complete gives its connection back", async () => {
    let ended = Promise.withResolvers<void>();
    const server = serve((peer) => {
      peer.write(CHUNKED_HEAD + chunk("data: 1\n\n") + chunk("data: [DONE]\n\n"));
      setTimeout(() => {
        peer.write("0\r\n\r\n");
        ended.resolve();
      }, 5);
    });
    const other = serve((peer) => peer.write(respond("{}")));
    for (let i = 0; i < 5; i++) {
      await streamOnce(server, "complete");
      await ended.promise;
      ended = Promise.withResolvers<void>();
      // One round trip later the end sent before it has arrived as well.
      await readText(await shared.upstream.send(callOf({ baseUrl: other.url })));
    }
    expect(server.connections()).toBe(1);
  });

  test("a stream closed before its end loses its connection", async () => {
    const server = serve((peer) => peer.write(CHUNKED_HEAD + chunk("data: [DONE]\n\n")));
    await streamOnce(server, undefined);
    await server.allClosed();
    expect(server.connections()).toBe(1);
  });

  test("an upstream that says it is complete and then goes on is cut", async () => {
    const server = serve((peer) => {
      peer.write(CHUNKED_HEAD + chunk("data: [DONE]\n\n"));
      peer.write(chunk("x".repeat(40_000)) + chunk("x".repeat(40_000)));
    });
    await streamOnce(server, "complete");
    await server.allClosed();
  });

  test("an upstream that is complete but never ends its body is cut within a second", async () => {
    const server = serve((peer) => peer.write(CHUNKED_HEAD + chunk("data: [DONE]\n\n")));
    const from = performance.now();
    await streamOnce(server, "complete");
    await server.allClosed();
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  test("whole answers read to their end share one connection", async () => {
    const server = serve((peer) => peer.write(respond("{}")));
    const { upstream, gate } = httpUpstream();
    for (let i = 0; i < 10; i++) await readText(await upstream.send(callOf({ baseUrl: server.url })));
    expect(server.connections()).toBe(1);
    expect(gate.all().size).toBe(0);
  });

  test("calls beyond a backend's max_concurrency are refused without being sent", async () => {
    const server = serve((peer) => peer.write(CHUNKED_HEAD + chunk("data: 1\n\n")));
    const { upstream, gate } = httpUpstream();
    const call = () => callOf({ baseUrl: server.url, maxConcurrency: 2 });
    const first = await upstream.send(call());
    const second = await upstream.send(call());
    const fault = await faultOf(upstream.send(call()));
    expect(fault).toMatchObject({ class: "rate_limited", retryAfterSeconds: 1 });
    expect(gate.inFlight("be_1")).toBe(2);
    expect(server.requests.length).toBe(2);
    first.close();
    const third = await upstream.send(call());
    second.close();
    third.close();
    third.close();
    expect(gate.all().size).toBe(0);
  });
});
