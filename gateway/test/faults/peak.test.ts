import { expect, test } from "bun:test";
import { describeApi } from "../api/started.ts";
import { BODIES, SPELLINGS } from "./catalogue/answers.ts";
import { call, OwnUpstream } from "./observe.ts";
import { forgetPeak, peakMb, residentMb } from "./process-state.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";

/** What one answer may come to is 64 MB, and one event of a stream 16 MB; then there is what is not collected yet. */
const PEAK_MB = 128;
/** An answer that comes faster than a turn of the event loop is taken by the runtime first, in a buffer that doubles. */
const PEAK_AT_ONCE_MB = 320;
/** The largest of the catalogue. */
const LARGEST = /huge-line|tiny-events|gzip-bomb|huge-answer/;
const CASES = [...SPELLINGS.faults, ...BODIES.faults].flatMap(({ number, does, cases }) =>
  cases
    .filter(({ plan }) => LARGEST.test(plan))
    .map((each) => ({
      ...each,
      number,
      does,
      most: /huge-answer/.test(each.plan) ? PEAK_AT_ONCE_MB : PEAK_MB,
    })),
);

describeApi("memory while it lasts", (api) => {
  test("of an ordinary beginning", async () => {
    const { slug } = await api.model("fake-ok");
    for (let i = 0; i < 20; i++) await call(api.gateway, slug, { form: i % 2 === 0 ? "whole" : "stream" });
  });

  test.each(CASES)("$number, $form: a provider that $does costs no more than $most MB", async (each) => {
    using upstream = new OwnUpstream();
    const { slug } = await addFakeBackend(api.gateway, upstream, { plans: [each.plan] });
    const before = residentMb(api.gateway.pid);
    forgetPeak(api.gateway.pid);
    await call(api.gateway, slug, each);
    expect(peakMb(api.gateway.pid) - before).toBeLessThan(each.most);
  });
});
