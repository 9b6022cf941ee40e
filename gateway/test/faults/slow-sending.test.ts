import { expect, test } from "bun:test";
import { MESSAGES, describeApi } from "../api/started.ts";
import { withStore } from "../api/store-file.ts";
import { openIntents } from "../harness/open-intents.ts";
import { SLOW } from "./catalogue/client.ts";
import type { Slow } from "./catalogue/client.ts";
import { quiet } from "./prove.ts";
import { RawCaller, chatRequest } from "./raw-caller.ts";

const BYTE_EVERY_MS = 200;
const BODY_SECONDS = 1;
/** The runtime gives headers some ten seconds; more on a busy machine. */
const CLOSED_WITHIN_MS = 40_000;

describeApi(
  "a caller who takes its time",
  (api) => {
    test.concurrent.each([...SLOW])(
      "$number: a caller who $does",
      async ({ part, status }: Slow) => {
        const { slug } = await api.model("fake-ok");
        const body = JSON.stringify({ model: slug, messages: MESSAGES, padding: "x".repeat(1000) });
        const whole = chatRequest(api.gateway.firstKey, body);
        const atOnce = part === "headers" ? 10 : whole.length - body.length;
        const caller = new RawCaller(api.gateway.url);
        await caller.send(whole.slice(0, atOnce));
        const from = performance.now();
        for (let at = atOnce; !caller.closed && caller.received === ""; at++) {
          if (performance.now() - from > CLOSED_WITHIN_MS) throw new Error("still open");
          await caller.send(whole.slice(at, at + 1));
          await Bun.sleep(BYTE_EVERY_MS);
        }
        expect(Number(/^HTTP\/1\.1 (\d+)/.exec(caller.received)?.[1] ?? 0)).toBe(status);
        await quiet(api);
        expect(api.fake.log.records).toEqual([]);
        await withStore(api.gateway, (store) => {
          expect(store.query("select * from usage").all()).toEqual([]);
          expect(openIntents(api.gateway.dataDir, store)).toEqual([]);
        });
        await caller.leave("reset");
      },
      CLOSED_WITHIN_MS + 10_000,
    );
  },
  { SCAIGRID_BODY_SECONDS: String(BODY_SECONDS) },
);
