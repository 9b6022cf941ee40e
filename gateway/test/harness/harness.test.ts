import { describe, expect, test } from "bun:test";
import { ContractError, checkAgainstContract } from "./contract.ts";
import { EventSplitter } from "./chat-stream.ts";
import { pick, pickText } from "./json.ts";
import { mintTestKey } from "./keys.ts";
import { Output } from "./output.ts";

const REQUEST_ID = "req_01JD0000000000000000000000";

function answered(status: number, body: unknown, headers: Record<string, string> = {}) {
  return {
    method: "GET",
    path: "/v1/models",
    requestBody: undefined,
    status,
    headers: new Headers({
      "content-type": "application/json",
      "x-scaigrid-request-id": REQUEST_ID,
      ...headers,
    }),
    body,
    text: JSON.stringify(body),
  };
}

function failure(code: string, retryAfter?: number) {
  const error = { code, message: "no", ...(retryAfter !== undefined && { retry_after: retryAfter }) };
  return { status: "error", error, meta: { request_id: REQUEST_ID } };
}

describe("the event splitter", () => {
  const text =
    ': hello\r\nevent: error\r\ndata: {"a":1}\r\ndata:x\r\n\r\ndata: [DONE]\n\ndata: é\r\rdata: cut';

  test("gives the same events wherever the stream is cut", () => {
    for (let cut = 0; cut <= text.length; cut++) {
      const splitter = new EventSplitter();
      const events = [...splitter.push(text.slice(0, cut)), ...splitter.push(text.slice(cut))];
      expect(events.map((event) => [event.name, event.data])).toEqual([
        ["error", '{"a":1}\nx'],
        ["message", "[DONE]"],
        ["message", "é"],
      ]);
      expect(splitter.comments).toEqual(["hello"]);
      expect(splitter.rest).toBe("data: cut");
    }
  });
});

describe("the contract check", () => {
  test("lets a right success and a right refusal pass", () => {
    const page = { status: "ok", data: { items: [] }, pagination: { has_more: false, next_cursor: null } };
    checkAgainstContract(answered(200, { ...page, meta: { request_id: REQUEST_ID } }));
    checkAgainstContract(answered(429, failure("RATE_LIMITED", 3), { "retry-after": "3" }));
  });

  const WRONG: readonly (readonly [string, ReturnType<typeof answered>])[] = [
    ["a bare body", answered(200, { items: [] })],
    [
      "a foreign request id",
      answered(200, { status: "ok", data: 1, meta: { request_id: `${REQUEST_ID.slice(0, -1)}1` } }),
    ],
    ["an unknown code", answered(404, failure("NO_SUCH_CODE"))],
    ["a code with another status", answered(400, failure("NOT_FOUND"))],
    ["a Retry-After that is not mirrored", answered(429, failure("RATE_LIMITED", 3))],
    ["a field the envelope does not have", answered(404, { ...failure("NOT_FOUND"), stack: "x" })],
    ["no request id header", answered(404, failure("NOT_FOUND"), { "x-scaigrid-request-id": "" })],
  ];
  test.each(WRONG)("refuses %s", (_, call) => {
    expect(() => checkAgainstContract(call)).toThrow(ContractError);
  });
});

test("a minted key has the documented shape and its check digits", () => {
  const key = mintTestKey();
  expect(key).toMatch(/^sgk_[0-9A-Za-z]{49}$/);
  expect(mintTestKey()).not.toBe(key);
});

test("paths into answers find what is there and nothing else", () => {
  const value = { data: { items: [{ slug: "a" }] } };
  expect(pick(value, "data.items.0.slug")).toBe("a");
  expect(pick(value, "data.items.1.slug")).toBeUndefined();
  expect(() => pickText(value, "data.items")).toThrow("no text at data.items");
});

describe("a process's output", () => {
  function printing(...pieces: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new Blob(pieces).stream();
  }

  test("is kept as text, and as log lines where it is JSON", async () => {
    const output = new Output();
    await output.drain([printing('hello\n{"event":"listening"', ',"url":"u"}\n{not json\nlast')]);
    expect(output.logs).toEqual([{ event: "listening", url: "u" }]);
    expect(output.text).toBe('hello\n{"event":"listening","url":"u"}\n{not json\nlast\n');
  });

  test("waiting for what never comes ends with the process, and shows what it said", async () => {
    const output = new Output();
    const waiting = output.until("log line", () => output.logs[0], 5000);
    await output.drain([printing("it failed\n")]);
    await expect(waiting).rejects.toThrow("it failed");
  });
});
