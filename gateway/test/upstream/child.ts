/**
 * Runs one scenario in a process of its own, because it needs an environment from the start or because the
 * process's end is what is observed. Prints one line of JSON.
 */
import { systemClock } from "../../src/base/clock.ts";
import { ConcurrencyGate } from "../../src/upstream/concurrency.ts";
import { SandboxUpstream } from "../../src/upstream/sandbox/sandbox-upstream.ts";
import { callOf, chunk, CHUNKED_HEAD, httpUpstream, rawServer, respond, readText } from "./support.ts";

const LONG = { connect: 600_000, first_byte: 600_000, idle: 600_000, total: 600_000 };

/** 300 calls hang at one host; how many of 10 calls to another come back? */
async function silentHost(): Promise<object> {
  const silent = rawServer(() => undefined);
  const lively = rawServer((peer) => peer.write(respond("{}")));
  const { upstream, gate } = httpUpstream();
  const over = new AbortController();
  const hanging = Array.from({ length: 300 }, () =>
    upstream
      .send(callOf({ baseUrl: silent.url, backendId: "silent", controller: over }))
      .catch(() => undefined),
  );
  const answered = await Promise.allSettled(
    Array.from({ length: 10 }, () =>
      upstream
        .send(callOf({ baseUrl: lively.url, backendId: "lively", firstContentMs: 3_000 }))
        .then(readText),
    ),
  );
  const inFlight = gate.inFlight("silent");
  over.abort();
  await Promise.all(hanging);
  silent.stop();
  lively.stop();
  return {
    hanging: inFlight,
    answered: answered.filter(({ status }) => status === "fulfilled").length,
    left: gate.all().size,
  };
}

/** Calls with ten-minute deadlines, closed in every way there is: the process must be able to end at once. */
async function timers(): Promise<object> {
  const server = rawServer((peer, request) =>
    peer.write(request.includes("text/event-stream") ? CHUNKED_HEAD + chunk("data: 1\n\n") : respond("{}")),
  );
  const options = { baseUrl: server.url, timeouts: LONG, firstContentMs: 600_000 };
  const { upstream } = httpUpstream();
  await readText(await upstream.send(callOf(options)));
  const stream = await upstream.send(callOf({ ...options, stream: true }));
  await stream.read();
  stream.contentSeen();
  stream.close();
  (await upstream.send(callOf({ ...options, stream: true }))).close("complete");
  const sandbox = new SandboxUpstream({ clock: systemClock, gate: new ConcurrencyGate(), tokenMs: 600_000 });
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }], stream: true });
  const reply = await sandbox.send(callOf({ ...options, type: "sandbox", body, stream: true }));
  await reply.read();
  const pending = reply.read().catch(() => "ended");
  reply.close();
  server.stop();
  return { pending: await pending };
}

const scenario = process.argv[2] === "silent-host" ? silentHost : timers;
console.log(JSON.stringify(await scenario()));
