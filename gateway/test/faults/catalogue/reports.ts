import { ANSWER, both, stream, whole } from "./fault.ts";
import type { Case, Charged, FaultGroup, Gets } from "./fault.ts";

function lies(mode: string, charged: Charged, traced?: string): readonly Case[] {
  return both(`fake-ok?usage=${mode}`, ANSWER, { charged, ...(traced !== undefined && { traced }) });
}

const NOT_BELIEVED = "usage that cannot be believed";

const EMPTY: Gets = { kind: "answer", text: "" };

export const REPORTS: FaultGroup = {
  title: "What is reported and called",
  test: "faults/reports.test.ts",
  faults: [
    { number: "U105", does: "reports no usage", cases: lies("missing", "estimated") },
    { number: "U106", does: "reports a usage of zero", cases: lies("zero", "estimated") },
    { number: "U107", does: "reports a negative usage", cases: lies("negative", "estimated", NOT_BELIEVED) },
    {
      number: "U108",
      does: "reports a usage of 10¹⁸ tokens",
      cases: lies("huge", "estimated", NOT_BELIEVED),
    },
    { number: "U109", does: "reports half a token", cases: lies("fractional", "estimated", NOT_BELIEVED) },
    {
      number: "U110",
      does: "reports its usage in strings",
      cases: lies("string", "estimated", NOT_BELIEVED),
    },
    { number: "U111", does: "reports the prompt alone", cases: lies("partial", "estimated", NOT_BELIEVED) },
    {
      number: "U112",
      does: "reports its usage in every event",
      cases: [stream("fake-ok?usage=repeated", ANSWER)],
    },
    {
      number: "U113",
      does: "reports more cached tokens than the prompt has",
      cases: lies("cached-over", "reported"),
    },
    {
      number: "U114",
      does: "reports far more than the request can have used",
      cases: both("fake-ok?usage=lying&prompt=100000", ANSWER, {
        charged: "capped",
        traced: "bound_exceeded",
      }),
    },
    {
      number: "U115",
      does: "sends a tool's arguments in 500 pieces",
      cases: [stream("fake-ok?tools=1&pieces=500", EMPTY)],
    },
    {
      number: "U116",
      does: "leaves gaps in the numbers of tool calls",
      cases: [stream("fake-tool-index-gap?tools=3", EMPTY)],
    },
    {
      number: "U117",
      does: "sends a tool's arguments that are not JSON",
      cases: [whole("fake-tool-bad-json", EMPTY), stream("fake-tool-bad-json", EMPTY)],
    },
  ],
};
