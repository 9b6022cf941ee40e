import { describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { sendRaw } from "./raw-http.ts";
import {
  MESSAGES,
  SANDBOX,
  codeOf,
  describeApi,
  detailsOf,
  fieldsOf,
  requestIdOf,
  traceOf,
} from "./started.ts";

const LIMIT_BYTES = 20_000_000;
const CHAT = "/v1/inference/chat";

describeApi("a request body", (api) => {
  const send = (text: string) => api.gateway.api("POST", CHAT, { key: api.gateway.firstKey, body: text });
  const withField = (json: string) =>
    `{"model":${JSON.stringify(SANDBOX)},"messages":${JSON.stringify(MESSAGES)},"max_tokens":1,${json}}`;

  test("declared larger than the limit is refused before it is sent", async () => {
    const reply = await sendRaw(
      api.gateway.url,
      `POST ${CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${api.gateway.firstKey}\r\n` +
        `Content-Length: ${LIMIT_BYTES + 1}\r\nConnection: close\r\n\r\n`,
    );
    expect([reply.status, reply.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(pick(reply.body, "meta.request_id")).toBe(requestIdOf(reply));
  });

  test("in chunks without a declared length is refused once it passes the limit", async () => {
    const piece = Buffer.alloc(1_000_000, " ");
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent > LIMIT_BYTES) return controller.close();
        sent += piece.length;
        controller.enqueue(piece);
      },
    });
    const headers = { authorization: `Bearer ${api.gateway.firstKey}` };
    const reply = await fetch(`${api.gateway.url}${CHAT}`, { method: "POST", headers, body });
    expect(reply.status).toBe(413);
    expect(pick(await reply.json(), "error.code")).toBe("PAYLOAD_TOO_LARGE");
  });

  test("of an administrative call may have a megabyte", async () => {
    const body = { slug: "acme/big", context_window: 1, description: "x".repeat(1 << 20) };
    expect(codeOf(await api.gateway.api("POST", "/v1/models", { body }))).toBe("PAYLOAD_TOO_LARGE");
  });

  test("just under the limit is read", async () => {
    const reply = await send(withField(`"padding":"${"x".repeat(2_000_000)}"`));
    expect(reply.status).toBe(200);
  });

  test("that is compressed is refused by its header", async () => {
    const reply = await api.gateway.api("POST", CHAT, {
      key: api.gateway.firstKey,
      headers: { "content-encoding": "gzip" },
      body: "x",
    });
    expect(fieldsOf(reply)).toEqual(["header.content-encoding"]);
  });

  describe("that is not JSON", () => {
    const BROKEN: readonly (readonly [string, string, number, number])[] = [
      ["nothing", "", 1, 1],
      ["a missing comma", '{\n  "model": "a"\n  "messages": []\n}', 3, 3],
      ["half a text", '{"model": "a', 1, 13],
      ["a trailing comma", '{"a": 1,}', 1, 9],
      ["single quotes", "{'a': 1}", 1, 2],
      ["NaN", '{"a": NaN}', 1, 7],
      ["two values", "{} {}", 1, 4],
    ];
    test.each(BROKEN)("%p is told with line and column", async (_name, text, line, column) => {
      const reply = await send(text);
      expect([reply.status, codeOf(reply)]).toEqual([422, "VALIDATION_ERROR"]);
      expect(detailsOf(reply)[0]?.["message"]).toContain(`line ${line}, column ${column}`);
    });
  });

  test("that is JSON but no object is refused", async () => {
    for (const text of ["[]", '"text"', "1", "null"])
      expect(codeOf(await send(text))).toBe("VALIDATION_ERROR");
  });

  test("may nest 64 levels and no more, however deep it goes", async () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    // The body's own object is the first level.
    expect((await send(withField(`"deep":${nested(63)}`))).status).toBe(200);
    for (const levels of [64, 1_000_000]) {
      const reply = await send(withField(`"deep":${nested(levels)}`));
      expect(codeOf(reply)).toBe("VALIDATION_ERROR");
      expect(detailsOf(reply)[0]?.["message"]).toContain("64 levels");
    }
  });

  const NUMBERS: readonly (readonly [string, string])[] = [
    ["1e999", "extra.value"],
    ["-1e999", "extra.value"],
    ["9007199254740993", "extra.value"],
    ["-9007199254740993", "extra.value"],
  ];
  test.each(NUMBERS)("may not hold %s, which would change on its way", async (number, field) => {
    const reply = await send(withField(`"extra":{"value":${number}}`));
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", [field]]);
    expect((await send(withField(`"extra":{"value":9007199254740991}`))).status).toBe(200);
  });

  test("loses its __proto__ keys, and is told so; constructor does nothing", async () => {
    const { slug } = await api.model("fake-ok?tokens=1");
    const text = `{"model":"${slug}","messages":[{"role":"user","content":"hello"}],
      "extra":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}},
      "\\u005f_proto__":{"stream":true}}`;
    const reply = await send(text);
    expect(reply.status).toBe(200);
    const dropped = pick(reply.body, "data._meta.dropped");
    expect(dropped).toEqual(expect.arrayContaining(["extra.__proto__", "__proto__"]));
    const sent = JSON.stringify(api.fake.log.records.at(-1)?.body);
    expect(sent).not.toContain("__proto__");
    expect(sent).toContain('"constructor"');
    const trace = await traceOf(api.gateway, requestIdOf(reply));
    expect(pick(trace.body, "data.dropped")).toEqual(dropped);
    expect((await api.chat()).status).toBe(200);
  });

  test("is sent on as it was understood: the last of two equal keys", async () => {
    const { slug } = await api.model("fake-ok?tokens=1");
    await send(
      `{"model":"no/such","model":"${slug}","messages":[{"role":"user","content":"a"}],"seed":1,"seed":2}`,
    );
    const record = api.fake.log.records.at(-1);
    expect(pick(record?.body, "seed")).toBe(2);
  });

  test("keeps its Unicode, lone halves of characters included or refused, never a broken stream", async () => {
    const { slug } = await api.model("fake-ok?tokens=1");
    const reply = await send(`{"model":"${slug}","messages":[{"role":"user","content":"héllo 🐚 \\ud800"}]}`);
    expect(reply.status).toBe(200);
    expect(pickText(api.fake.log.records.at(-1)?.body, "messages.0.content")).toStartWith("héllo 🐚 ");
  });
});
