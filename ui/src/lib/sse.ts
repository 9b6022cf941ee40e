/** One event of a server's stream; `message` where it has no name of its own. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** Longer ones are no events of the gateway's. Characters. */
const EVENT_CHARS_MAX = 4_000_000;

/** The events of a stream as they come (HTML Standard, "Server-sent events"); comments are left out. */
export async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += value;
      const blocks = rest.split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      if (rest.length > EVENT_CHARS_MAX) throw new Error("an event of the stream is too long");
      for (const block of blocks) {
        const event = eventOf(block);
        if (event) yield event;
      }
    }
  } finally {
    // Whoever leaves early closes the connection.
    await reader.cancel();
  }
}

function eventOf(block: string): StreamEvent | undefined {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field = "", value = ""] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
  }
  return data.length === 0 ? undefined : { name, data: data.join("\n") };
}
