import type { ChatMessage, ChatRequest, ContentPart } from "../core/chat.ts";
import type { Issue } from "../core/dialect.ts";
import { type FaultClass, FaultError } from "../core/fault.ts";
import { ApiError } from "../errors.ts";
import { fetchImage, IMAGE_BYTES_MAX } from "../upstream/remote-image.ts";
import type { Call } from "./call.ts";
import type { InferenceDeps } from "./deps.ts";
import { HeldBody } from "./held-body.ts";

/** Of one request. */
const IMAGES_MAX = 16;
const ALL_BYTES_MAX = 2 * IMAGE_BYTES_MAX;
/** An image is held as it came, as base64 and in the text of the request, one after the other in part. */
const HELD_PER_BYTE = 3;

/** What a caller is told of a fault on the way; where exactly an address leads is nobody's affair. */
const WORDS: Readonly<Partial<Record<FaultClass, string>>> = {
  timeout: "its server did not send it within 10 seconds",
  network: "its server cannot be reached",
  unavailable: "its address leads where this gateway may not go",
  shape: "its server does not answer as it should",
};

/**
 * The images of one request that are given by address, for backends that take nothing but bytes. They are fetched once,
 * when the first such backend is to be asked.
 */
export class RemoteImages {
  /** Places in the request by address. */
  readonly #places: ReadonlyMap<string, readonly string[]>;
  readonly #fetched = new Map<string, string>();
  readonly #issues: Issue[] = [];
  #fetching: Promise<void> | undefined;

  private constructor(places: ReadonlyMap<string, readonly string[]>) {
    this.#places = places;
  }

  /** Undefined where a request has none. */
  static in({ messages }: ChatRequest): RemoteImages | undefined {
    const places = new Map<string, string[]>();
    for (const [i, { content }] of messages.entries()) {
      if (typeof content !== "object") continue;
      for (const [j, part] of (content ?? []).entries()) {
        const url = addressIn(part);
        if (url === undefined) continue;
        const field = `messages[${i}].content[${j}].image_url.url`;
        places.set(url, [...(places.get(url) ?? []), field]);
      }
    }
    return places.size === 0 ? undefined : new RemoteImages(places);
  }

  /** Why a backend that takes bytes alone cannot be told the request. */
  get issues(): readonly Issue[] {
    if (this.#fetching !== undefined) return this.#issues;
    const fields = [...this.#places.values()].flat();
    return fields.map((field) => ({ field, message: "is an address, and this provider takes bytes alone" }));
  }

  /** Resolves once each was fetched or could not be. Throws ApiError OVERLOADED, and the reason of the call's end. */
  fetch(call: Call, deps: InferenceDeps): Promise<void> {
    return (this.#fetching ??= this.#fetch(call, deps));
  }

  /** The request with the bytes in place of the addresses. */
  inlined(request: ChatRequest): ChatRequest {
    return { ...request, messages: request.messages.map((message) => this.#inlined(message)) };
  }

  async #fetch(call: Call, deps: InferenceDeps): Promise<void> {
    if (this.#places.size > IMAGES_MAX) {
      this.#refuse(
        [...this.#places.keys()].slice(IMAGES_MAX),
        `are more than ${IMAGES_MAX} images by address`,
      );
      return;
    }
    const held = new HeldBody(deps.bodies, deps.metrics);
    call.whenLeft(() => held.free());
    let bytes = 0;
    const taken = (more: number): void => {
      bytes += more;
      if (bytes > ALL_BYTES_MAX) throw tooMuch();
      held.cover(bytes * HELD_PER_BYTE);
    };
    const stop = new AbortController();
    const signal = AbortSignal.any([call.endSwitch().signal, stop.signal]);
    try {
      await Promise.all([...this.#places.keys()].map((url) => this.#fetchOne(url, signal, taken, deps)));
    } catch (error) {
      // What one of them ends all others need not go on with.
      stop.abort(error);
      throw error;
    }
    call.mark("images_fetched", `${this.#fetched.size} of ${this.#places.size}, ${bytes} bytes`);
  }

  async #fetchOne(
    url: string,
    end: AbortSignal,
    taken: (bytes: number) => void,
    { media }: InferenceDeps,
  ): Promise<void> {
    const parsed = URL.parse(url);
    if (parsed === null) return this.#refuse([url], "is not a URL");
    if (parsed.username !== "" || parsed.password !== "") {
      return this.#refuse([url], "must not carry a user name or password");
    }
    const controller = new AbortController();
    const cut = (): void => controller.abort(end.reason);
    end.addEventListener("abort", cut, { once: true });
    try {
      end.throwIfAborted();
      const { mimeType, bytes } = await fetchImage(media, parsed, controller, taken);
      this.#fetched.set(url, `data:${mimeType};base64,${Buffer.from(bytes).toString("base64")}`);
    } catch (error) {
      if (!(error instanceof FaultError) || end.aborted) throw error;
      const { class: kind, reason } = error.fault;
      this.#refuse([url], `could not be fetched: ${kind === "bad_request" ? reason : (WORDS[kind] ?? kind)}`);
    } finally {
      end.removeEventListener("abort", cut);
    }
  }

  #refuse(urls: readonly string[], message: string): void {
    for (const url of urls)
      for (const field of this.#places.get(url) ?? []) this.#issues.push({ field, message });
  }

  #inlined(message: ChatMessage): ChatMessage {
    const { content } = message;
    if (typeof content !== "object" || content === null) return message;
    return { ...message, content: content.map((part) => this.#inlinedPart(part)) };
  }

  #inlinedPart(part: ContentPart): ContentPart {
    const url = addressIn(part);
    const data = url === undefined ? undefined : this.#fetched.get(url);
    if (part.type !== "image_url" || data === undefined) return part;
    return { ...part, image_url: { ...part.image_url, url: data } };
  }
}

function addressIn(part: ContentPart): string | undefined {
  if (part.type !== "image_url") return undefined;
  return /^https:/i.test(part.image_url.url) ? part.image_url.url : undefined;
}

function tooMuch(): ApiError {
  const field = { field: "messages", message: "the images given by address are larger than 20 MB together" };
  return new ApiError("PAYLOAD_TOO_LARGE", undefined, { details: [field] });
}
