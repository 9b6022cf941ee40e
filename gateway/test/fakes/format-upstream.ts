import type { Socket, TCPSocketListener } from "bun";
import type { FormatMaterial } from "../faults/formats/material.ts";
import { Peer } from "./peer.ts";
import { type ParsedRequest, RequestParser } from "./request-parser.ts";

/** What a provider does instead of answering, or in the middle of it. */
export type FormatAct =
  | "ok"
  | "reset"
  | "close-in-body"
  | "cut-in-body"
  | "end-after"
  | "error-after"
  | "refuses-key"
  | "forbids"
  | "knows-no-model"
  | "bad-request"
  | "too-long"
  | "filtered"
  | "rate-limited"
  | "broken"
  | "overloaded"
  | "late"
  | "redirect"
  | "web-page"
  | "error-inside"
  | "empty"
  | "no-content"
  | "stray-event"
  | "whole-for-stream";

interface Line {
  readonly peer: Peer;
  readonly parser: RequestParser;
}

/** Names of upstream models say what is done: it stands in the path or the body, wherever the format puts it. */
const ACT = /act-([a-z-]+)/;

/** A server over raw TCP that speaks one format, and breaks its rules as the model's name says. */
export class FormatUpstream {
  readonly #material: FormatMaterial;
  readonly #listener: TCPSocketListener<Line | undefined>;
  /** Requests by what was done. */
  readonly asked = new Map<string, number>();

  constructor(material: FormatMaterial) {
    this.#material = material;
    this.#listener = Bun.listen<Line | undefined>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          socket.data = { peer: new Peer(socket), parser: new RequestParser() };
        },
        data: (socket, bytes) => this.#data(socket, bytes),
        drain: (socket) => socket.data?.peer.onDrain(),
        close: (socket) => socket.data?.peer.onClose(),
        error: (socket) => socket.data?.peer.onClose(),
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.port}${this.#material.basePath}`;
  }

  stop(): void {
    this.#listener.stop(true);
  }

  #data({ data: line }: Socket<Line | undefined>, bytes: Uint8Array): void {
    for (const request of line?.parser.push(bytes) ?? []) void this.#answer(request, line?.peer);
  }

  async #answer(request: ParsedRequest, peer: Peer | undefined): Promise<void> {
    if (!peer) return;
    const text = request.body.toString("utf8");
    const act = ACT.exec(request.target)?.[1] ?? ACT.exec(text)?.[1] ?? "ok";
    this.asked.set(act, (this.asked.get(act) ?? 0) + 1);
    const isStream = this.#material.isStream(request.target, text);
    if (act === "reset") return peer.reset();
    for (const piece of this.#pieces(act, isStream)) await peer.write(piece);
    peer.close();
  }

  #pieces(act: string, isStream: boolean): readonly string[] {
    const { whole, events, firstContent, end, errors, errorEvent, strayEvent } = this.#material;
    const refusal = errors[act];
    if (refusal) return [answer(refusal.status, refusal.body, refusal.headers)];
    if (act === "redirect") return [answer(302, "", { location: "http://127.0.0.1:1/" })];
    if (act === "web-page")
      return [answer(200, "<!doctype html><h1>Welcome</h1>", { "content-type": "text/html" })];
    if (!isStream || act === "whole-for-stream") return this.#whole(act, whole);
    const begun = events.slice(0, firstContent);
    switch (act) {
      case "close-in-body":
      case "cut-in-body":
      case "empty":
        return this.#stream([], act !== "close-in-body");
      case "no-content":
        return this.#stream(events.slice(0, firstContent - 1));
      case "end-after":
        return this.#stream(events.slice(0, end));
      case "error-after":
        return this.#stream([...begun, errorEvent]);
      case "error-inside":
        return this.#stream([errorEvent]);
      case "stray-event":
        return this.#stream([...begun, strayEvent, ...events.slice(firstContent)]);
      default:
        return this.#stream(events);
    }
  }

  #whole(act: string, body: string): readonly string[] {
    const half = body.slice(0, body.length / 2);
    if (act === "close-in-body") return [answer(200, body).slice(0, -half.length)];
    if (act === "cut-in-body") return [answer(200, half)];
    if (act === "empty") return [answer(200, "")];
    return [answer(200, act === "error-inside" ? this.#material.errorInside : body)];
  }

  #stream(events: readonly string[], isWhole = true): readonly string[] {
    const head = `HTTP/1.1 200 OK\r\ncontent-type: ${this.#material.streamType}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n`;
    const chunks = events.map((event) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`);
    return [head, ...chunks, isWhole ? "0\r\n\r\n" : ""];
  }
}

function answer(status: number, body: string, more: Readonly<Record<string, string>> = {}): string {
  const headers = { "content-type": "application/json", ...more };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status} Fake\r\n${lines.join("")}connection: close\r\ncontent-length: ${length}\r\n\r\n${body}`;
}
