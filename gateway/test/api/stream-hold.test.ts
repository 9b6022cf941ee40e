import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { chunk, CHUNKED_HEAD, type Peer, rawServer } from "../upstream/support.ts";
import { describeApi } from "./started.ts";

const event = (data: object): string => chunk(`data: ${JSON.stringify(data)}\n\n`);
const SAID = event({ choices: [{ index: 0, delta: { content: "Said." } }] });
/** Of which no caller is told while the answer is on its way. */
const USAGE = event({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
const STOP = event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const DONE = `${chunk("data: [DONE]\n\n")}${chunk("")}`;

/** One second each, the shortest that can be set. */
const ENV = { SCAIGRID_HOLD_HEADERS_SECONDS: "1", SCAIGRID_KEEP_ALIVE_SECONDS: "1" };

describeApi(
  "a stream that is long in coming",
  (api) => {
    test.concurrent(
      "gets its headers and a keep-alive after the hold, more of them, then the answer",
      async () => {
        const { slug } = await api.model("fake-ok?tokens=2&gate=late");
        const asked = performance.now();
        const stream = await api.stream({ model: slug });
        expect(performance.now() - asked).toBeGreaterThan(900);
        expect(stream.status).toBe(200);
        expect(await stream.nextComment()).toBe("keep-alive");
        expect(await stream.nextComment()).toBe("keep-alive");
        api.fake.gates.open("late");
        const end = await stream.end();
        expect(end).toMatchObject({
          content: "aquabolt",
          finishReason: "stop",
          doneCount: 1,
          error: undefined,
        });
      },
    );

    test.concurrent(
      "and fails after the hold ends with an error event, not a broken connection",
      async () => {
        const { slug } = await api.model("fake-status?code=400&gate=doomed");
        const stream = await api.stream({ model: slug });
        expect(stream.status).toBe(200);
        expect(await stream.nextComment()).toBe("keep-alive");
        api.fake.gates.open("doomed");
        const end = await stream.end();
        expect(pick(end.error, "code")).toBe("VALIDATION_ERROR");
        expect(end).toMatchObject({ content: "", finishReason: undefined, doneCount: 1, broken: false });
      },
    );

    test.concurrent(
      "is still retried on its backend after the hold, as long as no content has gone down",
      async () => {
        const { slug } = await api.model("fake-status?code=500&times=1&gate=flaky");
        const stream = await api.stream({ model: slug });
        expect(await stream.nextComment()).toBe("keep-alive");
        api.fake.gates.open("flaky");
        const end = await stream.end();
        expect(end).toMatchObject({ finishReason: "stop", doneCount: 1, error: undefined });
        expect(api.fake.log.records.filter(({ plan }) => plan.includes("flaky"))).toHaveLength(2);
      },
    );

    test.concurrent("that pauses in its middle is kept alive", async () => {
      const { slug } = await api.model("fake-ok?tokens=2&gate=pause&gate_after=1");
      const stream = await api.stream({ model: slug });
      expect(await stream.nextContent()).toBe("aqua");
      expect(await stream.nextComment()).toBe("keep-alive");
      api.fake.gates.open("pause");
      expect(await stream.end()).toMatchObject({ content: "aquabolt", doneCount: 1, error: undefined });
    });

    test.concurrent("whose upstream says only what callers are not told is kept alive", async () => {
      let peer: Peer | undefined;
      const upstream = rawServer((connected) => {
        peer = connected;
        peer.write(CHUNKED_HEAD + SAID);
      });
      const saying = setInterval(() => peer?.write(USAGE), 50);
      try {
        const { slug } = await api.model("raw", { provider: { base_url: upstream.url } });
        const stream = await api.stream({ model: slug });
        expect(await stream.nextContent()).toBe("Said.");
        expect(await stream.nextComment()).toBe("keep-alive");
        clearInterval(saying);
        peer?.write(STOP + DONE);
        expect(await stream.end()).toMatchObject({ content: "Said.", doneCount: 1, error: undefined });
      } finally {
        clearInterval(saying);
        upstream.stop();
      }
    });
  },
  ENV,
);

describeApi(
  "a stream without keep-alives",
  (api) => {
    test.concurrent("says nothing until there is something to say", async () => {
      const { slug } = await api.model("fake-ok?tokens=1&first_ms=1300");
      const end = await (await api.stream({ model: slug })).end();
      // The one that came with the headers is all.
      expect(end.comments).toEqual(["keep-alive"]);
    });
  },
  { ...ENV, SCAIGRID_KEEP_ALIVE_SECONDS: "0" },
);

describeApi(
  "a stream whose headers are not held",
  (api) => {
    test("gets them before its upstream has said anything", async () => {
      const { slug } = await api.model("fake-ok?tokens=1&gate=unheld");
      const stream = await api.stream({ model: slug });
      expect(await stream.nextComment()).toBe("keep-alive");
      api.fake.gates.open("unheld");
      expect(await stream.end()).toMatchObject({ content: "aqua", doneCount: 1, error: undefined });
    });
  },
  { SCAIGRID_HOLD_HEADERS_SECONDS: "0" },
);
