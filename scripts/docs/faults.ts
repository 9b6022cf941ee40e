import { ERRORS } from "../../gateway/src/errors.ts";
import { CLIENT_FAULTS } from "../../gateway/test/faults/catalogue/client.ts";
import {
  type Case,
  type Charged,
  type Fault,
  type FaultGroup,
  type Gets,
  metBySecond,
  withSecond,
} from "../../gateway/test/faults/catalogue/fault.ts";
import {
  FORMAT_FAULTS,
  type FormatFault,
  KEPT_FAULTS,
  type Outcome,
} from "../../gateway/test/faults/catalogue/formats.ts";
import { UPSTREAM_FAULTS } from "../../gateway/test/faults/catalogue/upstream.ts";
import { markdownTable, page } from "./reference.ts";

const CHARGED: Readonly<Record<Charged, string>> = {
  nothing: "nothing",
  reported: "as reported",
  capped: "the most it could cost",
  estimated: "estimated",
  delivered: "input and what came",
};

/** What callers get for every fault of a provider or of their own, as the suites assert it. */
export function faultsPage(): string {
  return page("gateway/test/faults/catalogue/", [
    "# Faults",
    "What you get, and what you pay, when a provider misbehaves, breaks or lies, or when a caller does. Every line is " +
      "proved by a test against a running gateway over real connections; the test reads its expectation from the same " +
      "table as this page. `npm test -- gateway/test/faults` runs them, `-- -t U16` one of them.",
    "## What always holds",
    [
      "- You get one well-formed answer or one well-formed error, no later than a second after the deadline that was met.",
      "- Half an answer never looks like a whole one: a stream that was cut ends with `event: error` and `[DONE]`, and " +
        "has no finish reason.",
      "- The provider is asked once, or once more after a fault that may pass; a request it refused is never sent again.",
      "- There is exactly one usage record, and the request's trace tells every attempt. What the provider is seen to " +
        "have sent, what you received and what is charged agree to the token.",
      "- Nothing stays behind: no connection, no stream, no reserved amount, and memory is what it was.",
    ].join("\n"),
    "The deadlines are the backend's: connecting, first content, silence, and the whole answer. `charged` is what the " +
      "caller pays. Codes are those of the native API; the OpenAI door says the same in OpenAI's words, and is held to " +
      "the same cases. *Input and what came* and *estimated* count bytes where no report can be had; a report above what " +
      "the request could cost is cut there.",
    `*With a second backend* that is well, the answer is that one's, unless the request itself is at fault or content has ` +
      `been sent (with \`midstream: error\`): ${testLink("faults/two-backends.test.ts")}.`,
    ...UPSTREAM_FAULTS.flatMap(groupBlocks),
    ...formatBlocks(),
    "## When a caller misbehaves",
    markdownTable(
      ["", "a caller who …", "outcome", "charged", "test"],
      CLIENT_FAULTS.map(({ number, does, gets, charged, test }) => [
        number,
        does,
        gets,
        charged,
        testLink(test),
      ]),
    ),
  ]);
}

function formatBlocks(): string[] {
  return [
    "## In formats of their own",
    `Anthropic's messages, Gemini, Bedrock (with its binary event streams), Cohere and the Responses API have their own ` +
      `words for what goes wrong. Proved for each of them by ${testLink("faults/formats.test.ts")}, with one backend and ` +
      "with a second one that answers, at the native door; Anthropic's format also at the Anthropic door, where answers " +
      "are passed on.",
    markdownTable(
      ["", "a provider that …", "a whole answer", "a stream", "with a second backend"],
      FORMAT_FAULTS.map((fault) => [
        fault.number,
        fault.does,
        outcomeText(fault.whole),
        outcomeText(fault.stream),
        rescueText(fault),
      ]),
    ),
    `Of those, a provider that ${KEPT_FAULTS.map(({ does }) => does).join(", or ")}, costs nobody an answer.`,
  ];
}

function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case "cut":
      return gotText({ ...outcome, tokens: 0 });
    case "error": {
      const { code, retryAfter: wait } = outcome;
      return gotText({ kind: "error", code, ...(wait !== undefined && { retryAfter: [wait, wait] }) });
    }
    case "answer":
      return outcome.finish === "stop"
        ? "the answer"
        : `the answer, with finish reason \`${outcome.finish}\``;
  }
}

function rescueText({ rescued: { whole, stream } }: FormatFault): string {
  if (!whole && !stream) return "the same";
  return stream ? "the answer" : "the answer, unless content was sent";
}

function groupBlocks(group: FaultGroup): string[] {
  const rows = group.faults.flatMap(faultRows);
  return [
    `## ${group.title}`,
    `Proved by ${testLink(group.test)}.${group.note === undefined ? "" : ` ${group.note}`}`,
    markdownTable(
      ["", "a provider that …", "asked for", "you get", "charged", "asked", "with a second backend"],
      rows,
    ),
  ];
}

/** One row for all ways to ask that end alike. */
function faultRows({ number, does, cases }: Fault): string[][] {
  const outcomeOf = (each: Case) => [
    gotText(each.gets),
    CHARGED[each.charged],
    attemptsText(each),
    secondText(each),
  ];
  const alike = Map.groupBy(cases, (each) => outcomeOf(each).join("|"));
  return [...alike.values()].map((group, i) => {
    const forms = group.map(formOf).join(" or ");
    const outcome = group.slice(0, 1).flatMap(outcomeOf);
    return [i === 0 ? number : "", i === 0 ? does : "", forms, ...outcome];
  });
}

function formOf({ form, after, n }: Case): string {
  const many = n === undefined ? "" : `, ${n} choices`;
  if (form === "whole") return `whole answer${many}`;
  return after === true ? "stream, content sent" : `stream${many}`;
}

function gotText(gets: Gets): string {
  switch (gets.kind) {
    case "answer":
      return gets.note === undefined ? "the answer" : `the answer: ${gets.note}`;
    case "error":
      return `${ERRORS[gets.code].status} ${codeLink(gets.code)}${waitText(gets.retryAfter)}`;
    case "cut":
      return `what came, then error event ${codeLink(gets.code)}`;
  }
}

function waitText(retryAfter: readonly [number, number] | undefined): string {
  if (retryAfter === undefined) return "";
  const [least, most] = retryAfter;
  return `, retry after ${least === most ? least : `${least}–${most}`} s`;
}

function attemptsText({ attempts, calls }: Case): string {
  if (calls !== undefined) return `${attempts} times for ${calls} calls`;
  return attempts === 1 ? "once" : "twice";
}

/** Of cases that are tried so. */
function secondText(each: Case): string {
  if (!metBySecond(each)) return "–";
  return withSecond(each).kind === "answer" ? "the answer" : "the same";
}

function codeLink(code: string): string {
  return `[\`${code}\`](../errors/${code}.md)`;
}

function testLink(file: string): string {
  return `[${file}](../../gateway/test/${file})`;
}
