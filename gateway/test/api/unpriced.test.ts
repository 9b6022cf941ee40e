import { expect, test } from "bun:test";
import { isObject, pick } from "../harness/json.ts";
import { describeApi, requestIdOf, traceOf } from "./started.ts";

describeApi(
  "an installation that serves what nobody has priced",
  (api) => {
    test("charges nothing for it, and books it all the same", async () => {
      const { slug } = await api.model("fake-ok?tokens=5", {
        model: { prices: undefined },
        backend: { costs: undefined },
      });
      const reply = await api.chat({ model: slug });
      expect(reply.status).toBe(200);
      const passes = (trace: unknown) => isObject(pick(trace, "usage"));
      const usage = pick((await traceOf(api.gateway, requestIdOf(reply), passes)).body, "data.usage");
      expect([pick(usage, "cost"), pick(usage, "backend_cost"), pick(usage, "tokens_out")]).toEqual([
        "0",
        "0",
        5,
      ]);
      const price = (await api.gateway.api("GET", `/v1/accounting/effective-prices/${slug}`)).body;
      expect(pick(price, "data.is_priced")).toBe(true);
    });
  },
  { SCAIGRID_UNPRICED: "serve" },
);
