import { describe, expect, test } from "bun:test";
import type { ChatEvent } from "../../src/core/chat.ts";
import type { UpstreamDialect } from "../../src/core/dialect.ts";
import { anthropicMessages } from "../../src/dialects/anthropic-messages/anthropic-messages.ts";
import { bedrockConverse } from "../../src/dialects/bedrock-converse/bedrock-converse.ts";
import { cohere } from "../../src/dialects/cohere/cohere.ts";
import { gemini } from "../../src/dialects/gemini/gemini.ts";
import { FaultError } from "../../src/core/fault.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { openaiResponses } from "../../src/dialects/openai-responses/openai-responses.ts";

type Frame = readonly [name: string, event: unknown];

/** Content of a stream that cannot be read, text that can, and the end; and a whole answer that cannot be read. */
interface Said {
  readonly dialect: UpstreamDialect;
  readonly unreadable: readonly (readonly [what: string, frames: readonly Frame[]])[];
  readonly text: readonly Frame[];
  readonly end: readonly Frame[];
  readonly whole: readonly unknown[];
}

const NOT_JSON = ["events that are not JSON", [["contentBlockDelta", "{oops"]]] as const;

function message(...content: readonly unknown[]): object {
  return { output: [{ type: "message", id: "m", role: "assistant", content }], status: "completed" };
}

function delta(content: unknown): Frame {
  return ["", { choices: [{ index: 0, delta: { content }, finish_reason: null }] }];
}

const FORMATS: readonly Said[] = [
  {
    dialect: openaiChat,
    unreadable: [NOT_JSON, ["a number", [delta(42)]], ["no choice", [["", { choices: [42] }]]]],
    text: [delta("Said.")],
    end: [["", { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }]],
    whole: [{ choices: [{ index: 0, message: { content: 42 }, finish_reason: "stop" }] }],
  },
  {
    dialect: anthropicMessages,
    unreadable: [
      NOT_JSON,
      ["a block without a type", [["", { type: "content_block_start", index: 0, content_block: {} }]]],
      [
        "a number for text",
        [
          ["", { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }],
          ["", { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: 42 } }],
        ],
      ],
    ],
    text: [
      ["", { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } }],
      ["", { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "Said." } }],
    ],
    end: [["", { type: "message_delta", delta: { stop_reason: "end_turn" } }]],
    whole: [
      { content: [42], stop_reason: "end_turn" },
      { content: [{ type: "text", text: 42 }], stop_reason: "end_turn" },
    ],
  },
  {
    dialect: bedrockConverse,
    unreadable: [
      NOT_JSON,
      ["a picture", [["contentBlockDelta", { contentBlockIndex: 0, delta: { image: {} } }]]],
      ["a number for text", [["contentBlockDelta", { contentBlockIndex: 0, delta: { text: 42 } }]]],
    ],
    text: [["contentBlockDelta", { contentBlockIndex: 1, delta: { text: "Said." } }]],
    end: [["messageStop", { stopReason: "end_turn" }]],
    whole: [{ output: { message: { content: [{ image: {} }] } }, stopReason: "end_turn" }],
  },
  {
    dialect: cohere,
    unreadable: [
      NOT_JSON,
      [
        "a picture",
        [["", { type: "content-start", delta: { message: { content: { type: "image", image: "" } } } }]],
      ],
      ["a number for text", [["", { type: "content-delta", delta: { message: { content: { text: 42 } } } }]]],
      ["an event of an unknown kind", [["", { type: "picture-delta", delta: {} }]]],
    ],
    text: [["", { type: "content-delta", delta: { message: { content: { text: "Said." } } } }]],
    end: [["", { type: "message-end", delta: { finish_reason: "COMPLETE" } }]],
    whole: [
      { message: { content: [{ type: "picture" }] }, finish_reason: "COMPLETE" },
      { message: { content: [{ type: "text", text: 42 }] }, finish_reason: "COMPLETE" },
      { message: { content: { text: "Said." } }, finish_reason: "COMPLETE" },
    ],
  },
  {
    dialect: gemini,
    unreadable: [
      ["a picture", [["", { candidates: [{ content: { parts: [{ inlineData: {} }] } }] }]]],
      ["a number", [["", { candidates: [{ content: { parts: [42] } }] }]]],
      NOT_JSON,
    ],
    text: [["", { candidates: [{ content: { parts: [{ text: "Said." }] } }] }]],
    end: [["", { candidates: [{ finishReason: "STOP" }] }]],
    whole: [{ candidates: [{ content: { parts: [{ inlineData: {} }] }, finishReason: "STOP" }] }],
  },
  {
    dialect: openaiResponses,
    unreadable: [
      NOT_JSON,
      ["a number for text", [["", { type: "response.output_text.delta", output_index: 0, delta: 42 }]]],
    ],
    text: [["", { type: "response.output_text.delta", output_index: 0, delta: "Said." }]],
    end: [["", { type: "response.completed", response: { output: [], status: "completed" } }]],
    whole: [
      message({ type: "output_audio", data: "aQ==" }),
      message({ type: "output_text", text: 42 }),
      { output: [42], status: "completed" },
    ],
  },
];

function read(dialect: UpstreamDialect, frames: readonly Frame[]): readonly ChatEvent[] {
  const decoder = dialect.streamDecoder();
  return frames.flatMap(([name, event]) =>
    decoder.push(typeof event === "string" ? event : JSON.stringify(event), name === "" ? undefined : name),
  );
}

/** The class of the fault that it throws. */
function faultOf(reading: () => unknown): unknown {
  try {
    return reading();
  } catch (error) {
    return error instanceof FaultError ? error.fault.class : error;
  }
}

const STREAMS = FORMATS.flatMap((said) =>
  said.unreadable.map(([what, frames]) => [said.dialect.name, what, { ...said, frames }] as const),
);

describe("a stream", () => {
  test.each(STREAMS)("of %s is no empty answer where it holds nothing but %s", (_name, _what, said) => {
    expect(faultOf(() => read(said.dialect, [...said.frames, ...said.end]))).toBe("shape");
  });

  test.each(STREAMS)("of %s keeps what can be read beside %s, and tells of it", (_name, _what, said) => {
    const events = read(said.dialect, [...said.frames, ...said.text, ...said.end]);
    expect(events.flatMap((event) => (event.type === "text" ? [event.text] : []))).toEqual(["Said."]);
    expect(events.filter(({ type }) => type === "finish")).toHaveLength(1);
    expect(events.some(({ type }) => type === "skipped")).toBe(true);
  });

  test.each(FORMATS.map((said) => [said.dialect.name, said] as const))(
    "of %s may be empty",
    (_name, { dialect, end }) => {
      expect(read(dialect, end).filter(({ type }) => type === "finish")).toHaveLength(1);
    },
  );
});

describe("a whole answer", () => {
  const wholes = FORMATS.flatMap(({ dialect, whole }) => whole.map((body) => [dialect, body] as const));
  test.each(wholes)("is no empty one where nothing of it can be read: %#", (dialect, body) => {
    expect(faultOf(() => dialect.decodeAnswer(body))).toBe("shape");
  });
});
