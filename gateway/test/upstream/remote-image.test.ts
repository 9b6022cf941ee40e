import { afterAll, expect, test } from "bun:test";
import { fetchImage, IMAGE_BYTES_MAX } from "../../src/upstream/remote-image.ts";
import { CHUNKED_HEAD, chunk, faultOf, type Peer, rawServer, httpUpstream } from "./support.ts";

const PNG = "\u0089PNG\r\n\u001a\n";

/** Does as the path says. */
function answer(peer: Peer, request: string): void {
  const path = / \/v1\/([a-z-]+)/.exec(request)?.[1];
  if (path === "silent") return;
  if (path === "endless") {
    peer.write(CHUNKED_HEAD);
    const trickle = setInterval(() => (peer.closed ? clearInterval(trickle) : peer.write(chunk("x"))), 20);
    return;
  }
  const size = path === "large" ? IMAGE_BYTES_MAX + 1 : PNG.length;
  peer.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
  peer.write(Buffer.concat([Buffer.from(PNG, "latin1"), Buffer.alloc(size - PNG.length)]));
}

const server = rawServer(answer);
afterAll(() => server.stop());
const { upstream } = httpUpstream();
const fetched = (path: string, timeoutMs?: number, taken = (): void => undefined) =>
  fetchImage(upstream, new URL(`${server.url}/${path}`), new AbortController(), taken, timeoutMs);

test("an image is what its bytes say, and is asked for without a word of ours", async () => {
  expect((await fetched("image?signed=1")).mimeType).toBe("image/png");
  const asked = server.requests.at(-1)?.toLowerCase() ?? "";
  expect(asked).toStartWith("get /v1/image?signed=1 ");
  expect(asked).toContain("accept: image/*");
  expect(asked).not.toMatch(/authorization|api-key|cookie/);
});

test.each(["silent", "endless"])("a server that is %s is given up when the time is over", async (path) => {
  expect((await faultOf(fetched(path, 300))).class).toBe("timeout");
  await server.allClosed();
});

test("what is larger than 10 MB is not read to its end", async () => {
  const fault = await faultOf(fetched("large"));
  expect([fault.class, fault.reason]).toEqual(["bad_request", "it is larger than 10 MB"]);
});

test("whoever counts the bytes may end it", async () => {
  const full = (): never => {
    throw new RangeError("no room");
  };
  expect(fetched("image", undefined, full)).rejects.toThrow("no room");
});
