import { expect, test } from "bun:test";
import { formatAmount } from "../../src/base/money.ts";
import { MESSAGES, describeApi, eventually, itemsOf, traceOf } from "../api/started.ts";
import { pick } from "../harness/json.ts";
import { LEAVING } from "./catalogue/client.ts";
import type { Leaving, Moment } from "./catalogue/client.ts";
import { PRICE, quiet } from "./prove.ts";
import { RawCaller, chatRequest } from "./raw-caller.ts";

const ABORT_WITHIN_MS = 200;
/** One token of the fake on the wire; roles come with an empty one. */
const TOKEN = /"content":"\w/g;

const PLANS: Readonly<Record<Moment, string>> = {
  "before-whole": "fake-ok?gate=never",
  "before-headers": "fake-ok?gate=never",
  "after-headers": "fake-silent-before-first-token",
  "mid-stream": "fake-ok?tokens=50&gate=never&gate_after=6",
  "before-usage": "fake-silent-mid-stream?tokens=8&after=8",
};

describeApi(
  "a caller who leaves",
  (api) => {
    /** Resolves at the moment at which the caller is to leave. */
    async function reached({ moment, relayed }: Leaving, caller: RawCaller): Promise<void> {
      await api.fake.log.waitFor("request", () => true);
      if (moment === "after-headers") await caller.until("\r\n\r\n");
      if (relayed > 0) await caller.until(TOKEN, relayed);
    }

    /** What the machine takes just now for next to nothing. */
    async function roundTripMs(): Promise<number> {
      const from = performance.now();
      await api.gateway.api("GET", "/health");
      return performance.now() - from;
    }

    const calls = ["/v1/inference/chat", "/oai/v1/chat/completions"].flatMap((path) =>
      LEAVING.map((fault) => ({ ...fault, path })),
    );
    test.each(calls)("$number: a caller of $path who $does", async (fault) => {
      api.fake.clear();
      const { slug } = await api.model(PLANS[fault.moment]);
      const caller = new RawCaller(api.gateway.url);
      const stream = fault.moment !== "before-whole";
      await caller.send(
        chatRequest(
          api.gateway.firstKey,
          JSON.stringify({ model: slug, messages: MESSAGES, stream }),
          [],
          fault.path,
        ),
      );
      await reached(fault, caller);
      const leftAtMs = Date.now();
      await caller.leave(fault.way);
      const [record, busyMs] = await Promise.all([
        api.fake.log.waitFor("departure", (r) => r.closedByPeerAtMs !== undefined),
        roundTripMs(),
      ]);
      expect((record.closedByPeerAtMs ?? Infinity) - leftAtMs).toBeLessThanOrEqual(ABORT_WITHIN_MS + busyMs);
      expect(record.tokensSent).toBe(fault.relayed);
      const usage = await eventually(
        "usage record",
        () => api.gateway.api("GET", `/v1/accounting/usage?model=${encodeURIComponent(slug)}`),
        (reply) => itemsOf(reply).length > 0,
      );
      const [item, ...others] = itemsOf(usage);
      expect(others).toEqual([]);
      expect(item).toMatchObject({ status: "client_gone", tokens_out: fault.relayed, estimated: true });
      const tokensIn = Number(item?.["tokens_in"]);
      expect(tokensIn).toBeGreaterThan(0);
      const price = BigInt(tokensIn) * PRICE.input + BigInt(fault.relayed) * PRICE.output;
      expect(item?.["cost"]).toBe(formatAmount(price));
      const trace = await traceOf(api.gateway, String(item?.["request_id"]));
      expect(pick(trace.body, "data.outcome")).toBe("client_gone");
      expect(pick(trace.body, "data.attempts")).toHaveLength(1);
      await caller.leave("reset");
      await quiet(api);
      expect(api.fake.connectionsBusy).toBe(0);
    });
  },
  { SCAIGRID_HOLD_HEADERS_SECONDS: "1" },
);
