import { type Peer, type RawServer, rawServer } from "../upstream/support.ts";
import { ERROR_KINDS, type NativeFormat, type Reported } from "./native-formats.ts";

const WORDS = ["aqua ", "bolt"] as const;
/** What a provider says that is well. */
export const FORMAT_TEXT = WORDS.join("");

const JSON_TYPE = "application/json";

/** How a connection ends: with the answer, or it is kept, and how. */
export type Keeping =
  | "closes"
  /** Says nothing of it, and closes it once the answer is sent. */
  | "drops"
  /** Resets it when a second request comes on it. */
  | "resets-on-reuse";

/** A provider that speaks a format, and does as the name of its model says (see `catalogue/formats.ts`). */
export function formatServer(format: NativeFormat, keeping: Keeping = "closes"): RawServer {
  const lines = new WeakMap<Peer, Line>();
  return rawServer((peer, piece) => {
    const line = lines.get(peer) ?? new Line(format, peer, keeping);
    lines.set(peer, line);
    line.take(piece);
  });
}

/** One connection. */
class Line {
  readonly #format: NativeFormat;
  readonly #peer: Peer;
  readonly #keeping: Keeping;
  /** What has come of a request that is not whole yet. */
  #begun = "";
  #served = 0;

  constructor(format: NativeFormat, peer: Peer, keeping: Keeping) {
    this.#format = format;
    this.#peer = peer;
    this.#keeping = keeping;
  }

  take(piece: string): void {
    if (this.#keeping === "resets-on-reuse" && this.#served > 0) return this.#peer.terminate();
    this.#begun += piece;
    const request = this.#begun;
    const bodyAt = request.indexOf("\r\n\r\n") + 4;
    const length = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? 0);
    // Some formats name their model in the body.
    if (bodyAt <= 3 || request.length - bodyAt < length) return;
    this.#begun = "";
    this.#served += 1;
    this.#answer(request);
  }

  #answer(request: string): void {
    const named = /\/models?\/([a-z0-9-]+)[:/]|"model":"([a-z0-9-]+)"/.exec(request);
    const fault = named?.[1] ?? named?.[2] ?? "right";
    const isStream = /:streamGenerateContent|\/converse-stream |"stream":true/.test(request);
    const kind = ERROR_KINDS.find((one) => one === fault);
    if (kind !== undefined) {
      const { status, headers, body } = this.#format.error(kind);
      const wait = kind === "limited" ? "retry-after: 7\r\n" : "";
      return this.#respond(status, JSON_TYPE, JSON.stringify(body), headers + wait);
    }
    switch (fault) {
      case "redirects":
        return this.#respond(302, "text/plain", "", "location: http://169.254.169.254/\r\n");
      case "web-page":
        return this.#respond(200, "text/html", "<html><body>bad gateway</body></html>");
      case "empty":
        return this.#respond(200, isStream ? this.#format.streamType : JSON_TYPE, "");
      case "resets":
        return this.#peer.terminate();
      case "silent":
        return;
      default:
        if (isStream && fault !== "whole-for-stream") this.#stream(fault);
        else this.#whole(fault);
    }
  }

  #whole(fault: string): void {
    const { stop, odd } = this.#format.reasons;
    const reason = fault === "odd-reason" ? odd : fault === "no-end" ? undefined : stop;
    const text = JSON.stringify(
      fault === "limited-200"
        ? this.#format.errorInstead("limited")
        : this.#format.whole(FORMAT_TEXT, reason, reported(fault)),
    );
    if (fault === "half-event") return this.#respond(200, JSON_TYPE, text.slice(0, -9));
    const isCut = fault === "breaks" || fault === "breaks-early";
    if (!isCut && fault !== "stalls") return this.#respond(200, JSON_TYPE, text);
    this.#peer.write(head(200, JSON_TYPE, `content-length: ${text.length}\r\n`) + text.slice(0, 20));
    if (isCut) this.#peer.terminate();
  }

  #stream(fault: string): void {
    const { streamType: type, begin = [], reasons } = this.#format;
    const frame = (events: readonly unknown[]) => this.#format.frame([...begin, ...events]);
    const texts = WORDS.map((words) => this.#format.text(words));
    const reason = fault === "odd-reason" ? reasons.odd : fault === "no-end" ? undefined : reasons.stop;
    const end = this.#format.end(reason, reported(fault));
    const unmarked = end.slice(0, end.length - (this.#format.marks ?? 0));
    const send = (bytes: Uint8Array) => this.#respond(200, type, bytes);
    switch (fault) {
      case "limited-200":
        return send(this.#format.frame([this.#format.errorEvent("limited")]));
      case "no-content":
        return send(frame([]));
      case "odd-event":
        return send(frame([texts[0], "{oops", texts[1], ...end]));
      case "error-late":
        return send(frame([...texts, this.#format.errorEvent("failing")]));
      case "error-behind":
        return send(frame([...texts, ...unmarked, this.#format.errorEvent("failing")]));
      case "silent-behind":
        return this.#unended(type, frame([...texts, ...unmarked]), false);
      case "half-event": {
        const last = this.#format.frame(end.slice(0, 1));
        return send(Buffer.concat([frame(texts), last.subarray(0, Math.floor(last.length / 2))]));
      }
      case "breaks-early":
        return this.#unended(type, undefined, true);
      case "breaks":
        return this.#unended(type, frame(texts), true);
      case "stalls":
        return this.#unended(type, frame(texts), false);
      default:
        return send(frame([...texts, ...end]));
    }
  }

  /** A body in chunks of which the last never comes. */
  #unended(type: string, first: Uint8Array | undefined, closes: boolean): void {
    this.#peer.write(head(200, type, "transfer-encoding: chunked\r\n"));
    if (first !== undefined) {
      this.#peer.write(`${first.length.toString(16)}\r\n`);
      this.#peer.write(first);
      this.#peer.write("\r\n");
    }
    // The reader must have had it before the end: a reset takes back what is on the way.
    if (closes) setTimeout(() => this.#peer.end(), 100);
  }

  #respond(status: number, type: string, body: Uint8Array | string, more = ""): void {
    const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
    this.#peer.write(head(status, type, `${more}${length}`, this.#keeping === "closes"));
    this.#peer.write(body);
    if (this.#keeping !== "resets-on-reuse") this.#peer.end();
  }
}

function head(status: number, type: string, more: string, closes = true): string {
  const end = closes ? "connection: close\r\n" : "";
  return `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\n${more}${end}\r\n`;
}

function reported(fault: string): Reported {
  if (fault === "no-usage") return "none";
  return fault === "odd-usage" ? "odd" : "right";
}
