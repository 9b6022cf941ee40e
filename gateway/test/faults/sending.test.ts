import { expect, test } from "bun:test";
import { describeApi, eventually } from "../api/started.ts";
import { withStore } from "../api/store-file.ts";
import { openIntents } from "../harness/open-intents.ts";
import { SENDING } from "./catalogue/client.ts";
import type { Sending } from "./catalogue/client.ts";
import { quiet } from "./prove.ts";
import { RawCaller, chatRequest } from "./raw-caller.ts";
import { residentMb } from "./process-state.ts";

const MB = 1_000_000;
const MEMORY_GROWTH_MB = 20;
const COLLECTED_WITHIN_MS = 20_000;
/** Whatever the prompt, so that the charge is as reported. */
const PLAN = "fake-ok?tokens=2&prompt=10";
const NEVER_SENT_BYTES = 1000;

describeApi("a caller who sends what it should not", (api) => {
  const bodyOf = (model: string, bytes: number) =>
    JSON.stringify({ model, messages: [{ role: "user", content: "x".repeat(bytes) }] });

  /** What goes over the wire. */
  function bytesOf({ body }: Sending, model: string): string {
    const key = api.gateway.firstKey;
    switch (body) {
      case "left-unfinished":
        return chatRequest(key, bodyOf(model, NEVER_SENT_BYTES)).slice(0, -NEVER_SENT_BYTES);
      case "ten-mb":
        return chatRequest(key, bodyOf(model, 10 * MB), ["Connection: close"]);
      case "hundred-mb":
        return chatRequest(key, bodyOf(model, 100 * MB));
      case "longer-than-said":
        return `${chatRequest(key, bodyOf(model, 10))}and more than was said\r\n\r\n`;
    }
  }

  const records = (model: string) =>
    withStore(api.gateway, (store) => ({
      charged: store.query("select id from usage where model_slug = ? and tenant_pico > 0").all(model).length,
      intents: openIntents(api.gateway.dataDir, store).length,
    }));

  test.each([...SENDING])("$number: a caller who $does", async (fault) => {
    api.fake.clear();
    const { slug } = await api.model(PLAN);
    await api.chat({ model: slug });
    const memoryMb = residentMb(api.gateway.pid);
    const caller = new RawCaller(api.gateway.url);
    await caller.send(bytesOf(fault, slug));
    if (fault.status === 0) await caller.leave("reset");
    else await caller.until("HTTP/1.1 ");
    expect(Number(/^HTTP\/1\.1 (\d+)/.exec(caller.received)?.[1] ?? 0)).toBe(fault.status);
    if (fault.body === "longer-than-said") {
      await eventually(
        "end of the connection",
        () => api.gateway.api("GET", "/health"),
        () => caller.closed,
      );
    }
    await quiet(api);
    const answered = fault.status === 200 ? 2 : 1;
    expect(api.fake.log.records).toHaveLength(answered);
    expect(await records(slug)).toEqual({ charged: answered, intents: 0 });
    await eventually(
      `memory as before, ${memoryMb} MB`,
      () => api.gateway.api("GET", "/health"),
      () => residentMb(api.gateway.pid) - memoryMb <= MEMORY_GROWTH_MB,
      COLLECTED_WITHIN_MS,
    );
    await caller.leave("reset");
  });
});
