import { expect, test } from "bun:test";
import { FaultError } from "../../src/core/fault.ts";
import { PooledReply, type ReplyEnd } from "../../src/upstream/pool/pooled-reply.ts";
import type { UpstreamReply } from "../../src/upstream/upstream.ts";

const broken = new FaultError({ class: "network", reason: "reset" });

function replyOf(pieces: readonly (string | FaultError)[]) {
  const rest = [...pieces];
  const ends: ReplyEnd[] = [];
  const reply: UpstreamReply = {
    status: 200,
    headers: {},
    async read() {
      const piece = rest.shift();
      if (piece instanceof FaultError) throw piece;
      return piece === undefined ? undefined : new TextEncoder().encode(piece);
    },
    readText: () => Promise.resolve(rest.join("")),
    contentSeen: () => undefined,
    close: () => undefined,
  };
  return { ends, pooled: new PooledReply(reply, (end) => ends.push(end)) };
}

test("an answer that was read to its end counts for its node, once", async () => {
  const read = replyOf(["a"]);
  while ((await read.pooled.read()) !== undefined) expect(read.ends).toEqual([]);
  read.pooled.close();
  const text = replyOf(["a", "b"]);
  expect(await text.pooled.readText()).toBe("ab");
  const streamed = replyOf(["a"]);
  streamed.pooled.close("complete");
  expect([read.ends, text.ends, streamed.ends]).toEqual([["whole"], ["whole"], ["whole"]]);
});

test("one that our side let go says nothing of its node, one that broke speaks against it", async () => {
  const left = replyOf(["a", "b"]);
  await left.pooled.read();
  left.pooled.close();
  const cut = replyOf(["a", broken]);
  await cut.pooled.read();
  expect(await cut.pooled.read().catch((error: unknown) => error)).toBe(broken);
  cut.pooled.close();
  expect([left.ends, cut.ends]).toEqual([["left"], [broken]]);
});
