import { EventStreamDecoder, type EventMessage } from "../../base/event-stream.ts";
import type { FrameDecoder, Framing, StreamFrame } from "../../core/dialect.ts";

const utf8 = new TextDecoder("utf-8");

/** The name of what ends a stream without being an event or an exception of its own. */
export const ERROR_EVENT = "error";

class BedrockFrames implements FrameDecoder {
  readonly #messages = new EventStreamDecoder();

  push(bytes: Uint8Array): readonly StreamFrame[] {
    return this.#messages.push(bytes).map(frameOf);
  }

  /** Half a message says nothing; that it was cut shows by the finish reason that has not come. */
  flush(): readonly StreamFrame[] {
    return [];
  }
}

/** An event goes by its type, an exception by its own: theirs end in `Exception`, no event's does. */
function frameOf({ headers, payload }: EventMessage): StreamFrame {
  switch (headers[":message-type"]) {
    case "exception":
      return { event: headers[":exception-type"] ?? "Exception", data: utf8.decode(payload) };
    case "error": {
      const { ":error-code": code = "", ":error-message": message = "" } = headers;
      return { event: ERROR_EVENT, data: JSON.stringify({ code, message }) };
    }
    default: {
      const event = headers[":event-type"];
      return { ...(event !== undefined && { event }), data: utf8.decode(payload) };
    }
  }
}

/** Binary event streams, a JSON payload in each. */
export const bedrockFraming: Framing = {
  contentType: "application/vnd.amazon.eventstream",
  decoder: () => new BedrockFrames(),
};
