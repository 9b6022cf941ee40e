import { afterEach, describe, expect, test } from "bun:test";
import net from "node:net";
import type { FaultClass } from "../../src/core/fault.ts";
import type { UpstreamReply } from "../../src/upstream/upstream.ts";
import {
  callOf,
  chunk,
  CHUNKED_HEAD,
  faultOf,
  httpUpstream,
  rawServer,
  respond,
  type Answerer,
  type CallOptions,
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

const silent: Answerer = () => undefined;
const headersOnly: Answerer = (peer) => peer.write(CHUNKED_HEAD);
const oneChunk: Answerer = (peer) => peer.write(CHUNKED_HEAD + chunk("data: 1\n\n"));

async function readOn(reply: UpstreamReply): Promise<void> {
  while ((await reply.read()) !== undefined) reply.contentSeen();
}

describe("a broken upstream", () => {
  const cases: Record<string, { answer: Answerer; class: FaultClass }> = {
    "reset before the headers": { answer: (peer) => peer.terminate(), class: "network" },
    "closed before the headers": { answer: (peer) => peer.end(), class: "network" },
    "not HTTP at all": { answer: (peer) => peer.end("<html>hello</html>\r\n\r\n"), class: "shape" },
    "too many headers": {
      answer: (peer) => peer.end(`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(400)}\r\n`),
      class: "shape",
    },
    "an upgrade nobody asked for": {
      answer: (peer) => peer.end("HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
      class: "shape",
    },
  };
  test.each(Object.entries(cases))("%s is a fault of its class", async (_, { answer, class: expected }) => {
    const server = serve(answer);
    const { upstream, gate } = httpUpstream();
    const fault = await faultOf(upstream.send(callOf({ baseUrl: server.url })));
    expect(fault.class).toBe(expected);
    expect(gate.all().size).toBe(0);
  });

  test("connect refused is a network fault that names no address", async () => {
    const server = serve(silent);
    server.stop();
    const { upstream, gate } = httpUpstream();
    const fault = await faultOf(upstream.send(callOf({ baseUrl: server.url })));
    expect(fault).toMatchObject({ class: "network", reason: "no answer: ECONNREFUSED" });
    expect(gate.all().size).toBe(0);
  });

  test("a reset or an early end in the middle of a body is a network fault, never an end", async () => {
    for (const end of ["terminate", "end"] as const) {
      const server = serve((peer) => {
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc");
        setTimeout(() => peer[end](), 5);
      });
      const { upstream, gate } = httpUpstream();
      const reply = await upstream.send(callOf({ baseUrl: server.url }));
      expect((await faultOf(readText(reply))).class).toBe("network");
      reply.close();
      expect(gate.all().size).toBe(0);
    }
  });

  test("bad framing and a wrong encoding are shape faults", async () => {
    const bodies = [
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello",
      "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello",
    ];
    for (const body of bodies) {
      const server = serve((peer) => peer.end(body));
      const { upstream } = httpUpstream();
      const attempt = upstream.send(callOf({ baseUrl: server.url })).then(readText);
      expect((await faultOf(attempt)).class).toBe("shape");
    }
  });

  test("a POST whose connection dies is not sent twice", async () => {
    let seen = 0;
    const server = serve((peer) => {
      seen += 1;
      if (seen === 1) peer.write(respond("{}"));
      else peer.terminate();
    });
    const { upstream } = httpUpstream();
    await readText(await upstream.send(callOf({ baseUrl: server.url })));
    expect((await faultOf(upstream.send(callOf({ baseUrl: server.url })))).class).toBe("network");
    expect(seen).toBe(2);
  });
});

describe("deadlines", () => {
  async function timedOut(answer: Answerer, options: CallOptions): Promise<string> {
    const server = serve(answer);
    const { upstream, gate } = httpUpstream();
    const from = performance.now();
    const fault = await faultOf(
      upstream.send(callOf({ baseUrl: server.url, stream: true, ...options })).then(readOn),
    );
    expect(fault.class).toBe("timeout");
    expect(performance.now() - from).toBeLessThan(1_000);
    expect(gate.all().size).toBe(0);
    await server.allClosed();
    return fault.reason;
  }

  test("silence before the headers ends with the first-content deadline", async () => {
    expect(await timedOut(silent, { firstContentMs: 40 })).toBe("no response headers within 40 ms");
  });

  test("silence between headers and content ends with the first-content deadline", async () => {
    expect(await timedOut(headersOnly, { firstContentMs: 40 })).toBe("no content within 40 ms");
  });

  test("keep-alive bytes do not count as content", async () => {
    const server = serve((peer) => {
      peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      const timer = setInterval(() => {
        if (peer.closed) clearInterval(timer);
        else peer.write(chunk("\n"));
      }, 5);
    });
    const { upstream } = httpUpstream();
    const reply = await upstream.send(callOf({ baseUrl: server.url, firstContentMs: 60 }));
    expect((await faultOf(readText(reply))).reason).toBe("no content within 60 ms");
  });

  test("silence after content ends with the idle deadline", async () => {
    expect(await timedOut(oneChunk, { timeouts: { idle: 40 } })).toBe("nothing more received within 40 ms");
  });

  test("the total deadline ends an answer that never stops", async () => {
    const endless: Answerer = (peer) => {
      peer.write(CHUNKED_HEAD);
      const timer = setInterval(() => {
        if (peer.closed) clearInterval(timer);
        else peer.write(chunk("data: 1\n\n"));
      }, 5);
    };
    const reason = await timedOut(endless, { timeouts: { total: 60 } });
    expect(reason).toBe("the answer was not complete within 60 ms");
  });

  test("time in which nobody reads is not held against the upstream", async () => {
    const server = serve((peer) => {
      peer.write(CHUNKED_HEAD + chunk("data: 1\n\n"));
      setTimeout(() => peer.write(chunk("data: 2\n\n") + "0\r\n\r\n"), 60);
    });
    const { upstream } = httpUpstream();
    const reply = await upstream.send(callOf({ baseUrl: server.url, stream: true, timeouts: { idle: 40 } }));
    await reply.read();
    reply.contentSeen();
    await Bun.sleep(80); // a slow caller: longer than the idle deadline
    expect(new TextDecoder().decode(await reply.read())).toBe("data: 2\n\n");
    reply.close();
  });

  test("an upstream that thinks past the connect deadline is not taken for unreachable", async () => {
    const server = serve((peer, request) => {
      if (request.startsWith("POST")) setTimeout(() => peer.write(respond("{}")), 120);
    });
    const { upstream } = httpUpstream();
    const reply = await upstream.send(callOf({ baseUrl: server.url, timeouts: { connect: 40 } }));
    reply.close();
    expect(reply.status).toBe(200);
  });

  test("an address that takes no connection fails with the connect deadline, not the first-content one", async () => {
    const hole = await blackHole();
    try {
      const { upstream, gate } = httpUpstream();
      const call = callOf({ baseUrl: `http://127.0.0.1:${hole.port}`, timeouts: { connect: 150 } });
      const fault = await faultOf(upstream.send(call));
      expect(fault).toMatchObject({ class: "timeout", reason: "no connection within 150 ms" });
      expect(gate.all().size).toBe(0);
    } finally {
      await hole.stop();
    }
  });
});

/** A port whose accept queue is full and never emptied: further connections get no answer at all. */
async function blackHole(): Promise<{ port: number; stop(): Promise<void> }> {
  const script =
    'const s=require("net").createServer(()=>{});s.listen(0,"127.0.0.1",()=>console.log(s.address().port))';
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  const first = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(first.value));
  child.kill("SIGSTOP");
  const sockets: net.Socket[] = [];
  for (let full = false; !full;) {
    const batch = Array.from({ length: 100 }, () => net.connect(port, "127.0.0.1"));
    sockets.push(...batch);
    const taken = batch.map(
      (socket) =>
        new Promise<boolean>((resolve) => {
          const timer = setTimeout(() => resolve(false), 200);
          socket.once("connect", () => {
            clearTimeout(timer);
            resolve(true);
          });
          socket.on("error", () => resolve(false));
        }),
    );
    full = (await Promise.all(taken)).includes(false);
  }
  return {
    port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

describe("an aborted call", () => {
  const phases: Record<string, { answer: Answerer; reads: number }> = {
    "before the headers": { answer: silent, reads: -1 },
    "before the first content": { answer: headersOnly, reads: 0 },
    "in the middle of the body": { answer: oneChunk, reads: 1 },
  };
  test.each(Object.entries(phases))("%s closes the upstream within 200 ms", async (_, { answer, reads }) => {
    const arrived = Promise.withResolvers<void>();
    const server = serve((peer, request) => {
      answer(peer, request);
      arrived.resolve();
    });
    const { upstream, gate } = httpUpstream();
    const controller = new AbortController();
    const left = new Error("the caller left");
    const run = async () => {
      const reply = await upstream.send(callOf({ baseUrl: server.url, stream: true, controller }));
      for (let read = 0; read < reads; read++) await reply.read();
      await reply.read();
    };
    const running = run().catch((error: unknown) => error);
    await arrived.promise;
    const from = performance.now();
    controller.abort(left);
    expect(await running).toBe(left);
    await server.allClosed();
    expect(performance.now() - from).toBeLessThan(200);
    expect(gate.all().size).toBe(0);
  });

  test("that was aborted before it began connects to nothing", async () => {
    const server = serve(silent);
    const { upstream, gate } = httpUpstream();
    const left = new Error("left");
    const controller = new AbortController();
    controller.abort(left);
    const outcome = upstream.send(callOf({ baseUrl: server.url, controller }));
    expect(await outcome.catch((error: unknown) => error)).toBe(left);
    expect(server.connections()).toBe(0);
    expect(gate.all().size).toBe(0);
  });

  test("closing a reply while a read waits ends that read and the connection", async () => {
    const server = serve(headersOnly);
    const { upstream } = httpUpstream();
    const reply = await upstream.send(callOf({ baseUrl: server.url, stream: true }));
    const reading = reply.read().catch((error: unknown) => error);
    reply.close();
    expect(await reading).toBeInstanceOf(DOMException);
    await server.allClosed();
  });

  test("an abort after the answer has ended changes nothing", async () => {
    const server = serve((peer) => peer.write(respond("{}")));
    const { upstream } = httpUpstream();
    const controller = new AbortController();
    const reply = await upstream.send(callOf({ baseUrl: server.url, controller }));
    expect(await readText(reply)).toBe("{}");
    controller.abort(new Error("late"));
    await readText(await upstream.send(callOf({ baseUrl: server.url })));
    expect(server.connections()).toBe(1);
  });
});
