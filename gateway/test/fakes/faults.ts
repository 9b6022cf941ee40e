import { chunk, errorBody, tokensOf, wholeMessage } from "./answers.ts";
import type { Exchange } from "./exchange.ts";

/** Writes one answer, right or wrong, to the socket. */
export type Behaviour = (x: Exchange) => Promise<void>;

const HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>";
const EVENT_STREAM = "text/event-stream; charset=utf-8";
const JSON_TYPE = "application/json";
const OVERLOADED = errorBody(500, "server_error", "The fake upstream is overloaded.");
const MB = 1024 * 1024;

function encoded(type: string, bytes: number): Readonly<Record<string, string>> {
  return { "content-type": type, "content-encoding": "gzip", "content-length": `${bytes}` };
}

/** The right answer. */
export async function ok(x: Exchange): Promise<void> {
  if (x.plan.prefill === "refuse" && x.asked.begun !== "") {
    return x.respond(
      400,
      JSON_TYPE,
      errorBody(400, "invalid_request_error", "The last message must be the user's."),
    );
  }
  if (!x.stream) return x.whole();
  await x.body();
  await x.finishEvents();
  await x.endStream();
}

/** For faults of a stream's end: the right beginning, then what `end` does; a whole answer stays as it is. */
function streamEnd(end: Behaviour): Behaviour {
  return async (x) => {
    if (!x.stream) return x.whole();
    await x.body();
    await end(x);
  };
}

/** For faults in the middle of a stream: `after` tokens, the fault, the rest. */
function streamMiddle(fault: Behaviour): Behaviour {
  return async (x) => {
    if (!x.stream) return x.whole();
    await x.openStream();
    await x.content(Math.min(x.plan.after, x.tokens));
    await fault(x);
    await x.content(Math.max(0, x.tokens - x.plan.after));
    await x.finishEvents();
    await x.endStream();
  };
}

/** The same body with status 200 for both kinds of request. */
function instead(type: string, body: string): Behaviour {
  return (x) => x.respond(200, type, body);
}

const CONNECTION_FAULTS = {
  "reset-before-headers": async (x) => x.peer.reset(),
  "close-before-headers": async (x) => x.peer.close(),
  "reset-mid-headers": async (x) => {
    await x.raw("HTTP/1.1 200 OK\r\ncontent-ty");
    x.peer.reset();
  },
  reset: async (x) => {
    await x.half();
    x.peer.reset();
  },
  close: async (x) => {
    await x.half();
    x.peer.close();
  },
  "close-framed-cut": async (x) => {
    await x.half(false);
    x.peer.close();
  },
  // Complete, but the connection is closed without having said so: the next request meets a dead socket.
  "stale-socket": async (x) => {
    await ok(x);
    x.peer.close();
  },
  "silent-before-headers": (x) => x.silence(),
  "silent-before-first-token": async (x) => {
    if (x.stream) await x.openStream();
    else await x.head(200, { "content-type": JSON_TYPE, "content-length": "500" });
    await x.silence();
  },
  "silent-mid-stream": async (x) => {
    await x.half();
    await x.silence();
  },
  "slow-headers": (x) =>
    x.slowly(`HTTP/1.1 200 OK\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: 2\r\n\r\n{}`),
  "slow-body": async (x) => {
    const body = x.wholeBody();
    await x.head(200, { "content-type": JSON_TYPE, "content-length": `${Buffer.byteLength(body)}` });
    await x.slowly(body);
  },
  "slow-stream": async (x) => {
    await x.openStream();
    await x.content(x.plan.after);
    // A comment that does not end.
    for (await x.piece(":"); await x.peer.pause(x.plan.slowMs);) await x.piece("x");
  },
  "bad-chunk": async (x) => {
    await x.head(200, {
      "content-type": x.stream ? EVENT_STREAM : JSON_TYPE,
      "transfer-encoding": "chunked",
    });
    await x.raw("zz\r\n{}\r\n0\r\n\r\n");
  },
  "double-length": async (x) => {
    await x.raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x");
  },
  "not-http": async (x) => {
    await x.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    x.peer.close();
  },
  "huge-headers": async (x) => {
    await x.raw(`HTTP/1.1 200 OK\r\n${"x-filler: 0123456789\r\n".repeat(400)}\r\n`);
    x.peer.close();
  },
  // A right answer with a second one that nobody asked for behind it, on the same connection.
  "extra-response": async (x) => {
    await ok(x);
    await x.raw(`HTTP/1.1 200 OK\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: 2\r\n\r\n{}`);
  },
  // The first request of a connection is answered; the second one meets a reset.
  "reset-on-reuse": async (x) => (x.reused ? x.peer.reset() : ok(x)),
} satisfies Readonly<Record<string, Behaviour>>;

const STREAM_FAULTS = {
  "no-finish": async (x) => {
    if (!x.stream) return x.whole(x.wholeBody(null));
    await x.body();
    await x.endStream(false);
  },
  "no-done": streamEnd(async (x) => {
    await x.finishEvents();
    await x.endStream(false);
  }),
  "silent-behind-finish": streamEnd(async (x) => {
    await x.finishEvents();
    await x.silence();
  }),
  "comments-behind-finish": streamEnd(async (x) => {
    await x.finishEvents();
    while (await x.peer.pause(x.plan.slowMs)) await x.piece(": still here\n\n");
  }),
  "done-without-finish": streamEnd((x) => x.endStream()),
  "double-done": streamEnd(async (x) => {
    await x.finishEvents();
    await x.event("[DONE]");
    await x.endStream();
  }),
  "data-after-done": streamEnd(async (x) => {
    await x.finishEvents();
    await x.event("[DONE]");
    await x.eachChoice({ content: "LATE" });
    await x.endStream(false);
  }),
  "truncated-event": streamEnd(async (x) => {
    await x.piece(`data: {"id":"${x.who.id}","choices":[{"index":0,"delta":{"content":"cut`);
    await x.endStream(false);
  }),
  "no-blank-line": streamEnd(async (x) => {
    await x.finishEvents();
    await x.piece("data: [DONE]");
    await x.endStream(false);
  }),
  "malformed-event": streamMiddle(async (x) => void (await x.event("{not json"))),
  "invalid-utf8": streamMiddle(async (x) => {
    const [before, after] = chunk(x.who, [{ index: 0, delta: { content: "?" }, finish_reason: null }]).split(
      '"?"',
    );
    const bad = Uint8Array.of(0x22, 0xff, 0xc3, 0x28, 0x22);
    await x.piece(Buffer.concat([Buffer.from(`data: ${before}`), bad, Buffer.from(`${after}\n\n`)]));
  }),
  "invalid-utf8-body": async (x) => {
    if (x.stream) return ok(x);
    const [before, after] = x.wholeBody(x.finish, { role: "assistant", content: "?" }).split('"?"');
    const bad = Uint8Array.of(0x22, 0xff, 0xc3, 0x28, 0x22);
    const body = Buffer.concat([Buffer.from(`${before}`), bad, Buffer.from(`${after}`)]);
    await x.head(200, { "content-type": JSON_TYPE, "content-length": `${body.length}` });
    if (await x.raw(body)) x.wholeSent();
  },
  "huge-line": streamMiddle(async (x) => {
    await x.piece("data: ");
    for (let i = 0; i < x.plan.mb; i++) if (!(await x.piece(Buffer.alloc(MB, "x")))) return;
    await x.piece("\n\n");
  }),
  "tiny-events": streamMiddle(async (x) => {
    // 4 096 × 256 = a million events of nothing, in writes of a sensible size.
    const many = Buffer.from("data:{}\n\n".repeat(4096));
    for (let i = 0; i < 256; i++) if (!(await x.piece(many))) return;
  }),
  "error-event": async (x) => {
    if (!x.stream) return x.respond(200, JSON_TYPE, OVERLOADED);
    await x.openStream();
    await x.content(x.plan.after);
    await x.event(OVERLOADED);
    await x.endStream();
  },
  "error-behind-finish": streamEnd(async (x) => {
    await x.eachChoice({}, x.finish);
    await x.event(OVERLOADED);
    await x.finishEvents();
    await x.endStream();
  }),
  "junk-behind-finish": streamEnd(async (x) => {
    await x.finishEvents();
    await x.piece("data: ");
    for (let i = 0; i < x.plan.mb; i++) if (!(await x.piece(Buffer.alloc(MB, "x")))) return;
  }),
  "empty-stream": async (x) => {
    if (!x.stream) return x.whole("");
    await x.head(200, { "content-type": EVENT_STREAM, "content-length": "0" });
    x.done();
  },
  "interleaved-choices": streamMiddle(async (x) => {
    for (const index of [1, 0, 1]) {
      await x.event(chunk(x.who, [{ index, delta: { content: "mixd" }, finish_reason: null }]));
    }
    await x.event(chunk(x.who, [{ index: 1, delta: {}, finish_reason: "stop" }]));
  }),
  "tool-index-gap": async (x) => {
    if (!x.stream) return x.whole();
    await x.openStream();
    await x.toolCalls((call) => call * 2 + 1);
    await x.finishEvents("tool_calls");
    await x.endStream();
  },
  "tool-bad-json": async (x) => {
    const broken = '{"city": "aqua", ';
    if (!x.stream) {
      const call = {
        id: "call_fake_0",
        type: "function",
        function: { name: "get_weather", arguments: broken },
      };
      const message = { ...wholeMessage(x.plan, 0), content: null, tool_calls: [call] };
      return x.whole(x.wholeBody("tool_calls", message));
    }
    await x.openStream();
    await x.eachChoice({
      tool_calls: [
        {
          index: 0,
          id: "call_fake_0",
          type: "function",
          function: { name: "get_weather", arguments: broken },
        },
      ],
    });
    x.count(tokensOf(broken));
    await x.finishEvents("tool_calls");
    await x.endStream();
  },
} satisfies Readonly<Record<string, Behaviour>>;

/** A Retry-After as it is sent: `in:20` is the date twenty seconds from now. */
function retryAfterText(asked: string): string {
  const [, seconds] = /^in:(-?\d+)$/.exec(asked) ?? [];
  return seconds === undefined ? asked : new Date(Date.now() + Number(seconds) * 1000).toUTCString();
}

const BODY_FAULTS = {
  /** Any status with OpenAI's error body and the plan's Retry-After headers. */
  status: async (x) => {
    const { code, retryAfter, retryAfterMs, errorCode } = x.plan;
    const extra: Record<string, string> = {};
    if (retryAfter !== undefined) extra["retry-after"] = retryAfterText(retryAfter);
    if (retryAfterMs !== undefined) extra["retry-after-ms"] = retryAfterMs;
    await x.respond(code, JSON_TYPE, errorBody(code, errorCode, `The fake upstream says ${code}.`), extra);
  },
  html: instead("text/html", HTML),
  "html-error": (x) => x.respond(502, "text/html", HTML),
  "error-200": instead(JSON_TYPE, OVERLOADED),
  "not-json": instead(JSON_TYPE, '{"id": "chatcmpl-1", "choices": ['),
  "wrong-shape": instead(JSON_TYPE, '{"object":"list","data":[]}'),
  "no-choices": instead(JSON_TYPE, '{"id":"chatcmpl-1","object":"chat.completion","choices":[]}'),
  empty: instead(JSON_TYPE, ""),
  "no-content": async (x) => {
    await x.head(204, {});
    x.done();
  },
  redirect: (x) => {
    const { code, location } = x.plan;
    return x.respond(code >= 300 && code < 400 ? code : 302, "text/plain", "moved", { location });
  },
  // A whole answer where a stream was asked for, and the other way round.
  "wrong-type": (x) => (x.stream ? x.whole() : x.respond(200, EVENT_STREAM, "data: [DONE]\n\n")),
  "wrong-encoding": (x) => x.respond(200, JSON_TYPE, x.wholeBody(), { "content-encoding": "gzip" }),
  "unknown-encoding": (x) => x.respond(200, JSON_TYPE, x.wholeBody(), { "content-encoding": "x-none" }),
  gzip: async (x) => {
    const bytes = Bun.gzipSync(x.wholeBody());
    await x.head(200, encoded(JSON_TYPE, bytes.length));
    if (await x.raw(bytes)) x.wholeSent();
  },
  // As JSON, or in a stream as one comment line that does not end.
  "gzip-bomb": async (x) => {
    const bomb = Bun.gzipSync(Buffer.alloc(x.plan.mb * MB, x.stream ? ":" : " "));
    await x.head(200, encoded(x.stream ? EVENT_STREAM : JSON_TYPE, bomb.length));
    if (await x.raw(bomb)) x.done();
  },
  // An answer with a text of that many megabytes.
  "huge-answer": async (x) => {
    const [before, after] = x.wholeBody(x.finish, { role: "assistant", content: "?" }).split('"?"');
    const size = x.plan.mb * MB + Buffer.byteLength(`${before}""${after}`);
    await x.head(200, { "content-type": JSON_TYPE, "content-length": `${size}` });
    await x.raw(`${before}"`);
    const filler = Buffer.alloc(MB, "x");
    for (let i = 0; i < x.plan.mb; i++) if (!(await x.raw(filler))) return;
    if (await x.raw(`"${after}`)) x.done();
  },
} satisfies Readonly<Record<string, Behaviour>>;

/** Every behaviour by the name a plan gives it. */
export const BEHAVIOURS: ReadonlyMap<string, Behaviour> = new Map<string, Behaviour>(
  Object.entries({ ok, ...CONNECTION_FAULTS, ...STREAM_FAULTS, ...BODY_FAULTS }),
);
