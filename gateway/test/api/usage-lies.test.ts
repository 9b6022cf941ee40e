import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { withShell } from "./store-shell.ts";
import { describeApi, eventually, itemsOf, MESSAGES } from "./started.ts";

describeApi("an upstream that lies about its usage", (api) => {
  async function recordOf(model: string): Promise<Readonly<Record<string, unknown>>> {
    const reply = await eventually(
      "usage record",
      () => api.gateway.api("GET", `/v1/accounting/usage?model=${encodeURIComponent(model)}`),
      (answer) => itemsOf(answer).length > 0,
    );
    return itemsOf(reply)[0] ?? {};
  }

  test.each(["negative", "huge", "fractional", "string"])(
    "by a %s count is not believed, whole and streamed: an estimate says why it is one",
    async (usage) => {
      for (const stream of [false, true]) {
        const { slug } = await api.model(`fake-ok?tokens=20&usage=${usage}`);
        if (stream) await (await api.stream({ model: slug })).end();
        else await api.chat({ model: slug });
        const item = await recordOf(slug);
        expect(item).toMatchObject({
          status: "completed",
          estimated: true,
          tokens_out: 20,
          bound_exceeded: false,
        });
        expect(pick(item, "estimate.reason")).toBe("report_refused");
      }
    },
  );

  test("by saying nothing leaves an estimate for want of a report", async () => {
    const { slug } = await api.model("fake-ok?tokens=20&usage=missing");
    await api.chat({ model: slug });
    expect(pick(await recordOf(slug), "estimate.reason")).toBe("not_reported");
  });

  test("by more cached tokens than there were is cut to the prompt", async () => {
    const { slug } = await api.model("fake-ok?tokens=20&usage=cached-over");
    await api.chat({ model: slug, messages: MESSAGES });
    const item = await recordOf(slug);
    expect(item).toMatchObject({ estimated: false, tokens_in: 3 });
    expect(pick(item, "usage.input_cached_read")).toBe(3);
  });

  test("by more than the request could use is paid the bound; the record is marked, an event tells", async () => {
    const { slug } = await api.model("fake-ok?tokens=20&prompt=100000&usage=lying", {
      model: { max_output_tokens: 20 },
    });
    await api.chat({ model: slug });
    const item = await recordOf(slug);
    expect(item).toMatchObject({ estimated: false, bound_exceeded: true });
    await eventually(
      "event",
      async () => {
        const rows = await withShell(api.gateway, (shell) =>
          shell.all("select payload from events where type = ?", ["accounting.bound_exceeded"]),
        );
        return { status: 200, headers: new Headers(), body: undefined, text: JSON.stringify(rows) };
      },
      ({ text }) => text.includes(String(item["request_id"])),
    );
  });
});
