import { expect, test } from "bun:test";
import { describeApi, type Started } from "../api/started.ts";
import { textOf } from "../fakes/answers.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { metBySecond, withSecond, type Case } from "./catalogue/fault.ts";
import { UPSTREAM_FAULTS } from "./catalogue/upstream.ts";
import { call, OwnUpstream, writtenAbout } from "./observe.ts";

const SECOND_TOKENS = 4;
const SECOND = `fake-ok?tokens=${SECOND_TOKENS}`;
/** Beyond what any case takes that is not about a deadline. */
const PATIENT = { connect: 5_000, first_byte: 15_000, idle: 15_000, total: 60_000 };

const CASES = UPSTREAM_FAULTS.flatMap(({ faults }) => faults)
  .flatMap(({ number, does, cases }) => cases.map((each) => ({ ...each, number, does })))
  .filter(metBySecond)
  // Those of the network and of TLS are met with a second backend in their own suites.
  .filter(({ plan }) => plan.startsWith("fake-"))
  // Whether content comes before a short deadline is the machine's affair: what follows is the same without one.
  .filter(({ after, deadlines }) => after !== true || deadlines === undefined)
  .map((each) => ({ ...each, title: `${each.number} (${formOf(each)}): a provider that ${each.does}` }));

function formOf({ form, after }: Case): string {
  return after === true ? "stream, after content" : form;
}

// The catalogue says what one backend comes to; with a second one that is well, this is what its last column says.
// A gateway for each form: management calls are limited by the minute.
for (const form of ["whole", "stream"] as const) {
  const cases = CASES.filter((each) => each.form === form);
  describeApi(`with a second backend, ${form}`, (api) => {
    test.concurrent.each(cases)("$title", (each) => prove(each, api));
  });
}

async function prove(each: (typeof CASES)[number], { gateway }: Started): Promise<void> {
  using upstream = new OwnUpstream();
  const { slug, backendIds } = await addFakeBackend(gateway, upstream, {
    plans: [each.plan, SECOND],
    timeouts: PATIENT,
  });
  if (each.deadlines !== undefined) {
    // Only the first: a busy machine must not make the second one late.
    const body = { timeouts: each.deadlines };
    await gateway.api("PATCH", `/v1/backends/${backendIds[0]}`, { body });
  }
  const seen = await call(gateway, slug, each, {
    count: each.gets.kind === "cut" ? each.gets.tokens : 0,
    reached: () => upstream.gates.open("read"),
  });
  const written = await writtenAbout(gateway, seen.requestId);
  const asked = upstream.log.records.map(({ plan }) => plan);
  expect(seen.malformed).toEqual([]);
  if (withSecond(each).kind === "answer") {
    expect({ status: seen.status, text: seen.text }).toEqual({
      status: 200,
      text: textOf(SECOND_TOKENS, false),
    });
    expect([written.attempts.at(-1), written.usage["status"], written.usage["tokens_out"]]).toEqual([
      "ok",
      "completed",
      SECOND_TOKENS,
    ]);
    expect(asked.filter((plan) => plan === SECOND)).toHaveLength(1);
    // The same backend once more at most, then the other one.
    expect(written.attempts.length).toBeLessThanOrEqual(3);
    return;
  }
  expect(asked).not.toContain(SECOND);
  expect(written.usage["status"]).toBe("failed");
  expect(seen.text).toBe(each.gets.kind === "cut" ? textOf(each.gets.tokens, false) : "");
  if (each.gets.kind === "error") expect(seen.code).toBe(each.gets.code);
  if (each.gets.kind === "cut") expect(seen.cutCode).toBe(each.gets.code);
}
