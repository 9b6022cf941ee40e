/** A field of a request with a value that means something, for the page that tells what becomes of it. */
export interface Sample {
  /** How the page names it. */
  readonly field: string;
  readonly value: object;
  /** What stands in the request either way; nothing where absent. */
  readonly without?: object;
  /** Whether the gateway fetches what it names for backends that cannot. */
  readonly isFetched?: true;
}

const TOOL = {
  type: "function",
  function: { name: "look", description: "Looks", parameters: { type: "object", properties: {} } },
};
const TOOLS = { tools: [TOOL] };
const SCHEMA = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const SIGNED = { family: "anthropic", data: { type: "thinking", thinking: "Hm", signature: "c2lnbmVk" } };
const THOUGHT = { family: "google", data: { thought_signature: "c2lnbmVk", text_length: 4 } };
const ENCRYPTED = {
  family: "openai",
  data: { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "c2VjcmV0" },
};

function said(...content: readonly object[]): object {
  return { messages: [{ role: "user", content }] };
}

const IMAGE = `data:image/png;base64,${PIXEL}`;
const TEXT = { type: "text", text: "Hello" };

/** Of a message that answers, and the question that goes on from it. */
function answered(more: object): object {
  return {
    messages: [
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Yes?", ...more },
      { role: "user", content: "Go on" },
    ],
  };
}

/** Of the result of a tool. */
function called(more: object): object {
  const call = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };
  return {
    ...TOOLS,
    messages: [
      { role: "user", content: "Hello" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: "Nothing", ...more },
    ],
  };
}

export const SAMPLES: readonly Sample[] = [
  { field: "`temperature` up to 1", value: { temperature: 0.5 } },
  { field: "`temperature` above 1", value: { temperature: 1.5 } },
  { field: "`top_p`", value: { top_p: 0.9 } },
  { field: "`top_k`", value: { top_k: 40 } },
  { field: "`stop`", value: { stop: ["END"] } },
  { field: "`seed`", value: { seed: 7 } },
  { field: "`presence_penalty`", value: { presence_penalty: 0.5 } },
  { field: "`frequency_penalty`", value: { frequency_penalty: 0.5 } },
  { field: "a penalty below 0", value: { presence_penalty: -0.5 } },
  { field: "`logit_bias`", value: { logit_bias: { "50256": -10 } } },
  { field: "`n` above 1", value: { n: 2 } },
  { field: "`logprobs`", value: { logprobs: true } },
  { field: "`logprobs` with `top_logprobs`", value: { logprobs: true, top_logprobs: 3 } },
  { field: '`response_format` "json_object"', value: { response_format: { type: "json_object" } } },
  {
    field: '`response_format` "json_schema"',
    value: { response_format: { type: "json_schema", json_schema: { name: "a", schema: SCHEMA } } },
  },
  { field: "`reasoning_effort`", value: { reasoning_effort: "low" } },
  { field: "`tools`", value: TOOLS },
  {
    field: "`tools[].function.strict`",
    value: { tools: [{ ...TOOL, function: { ...TOOL.function, strict: true } }] },
    without: TOOLS,
  },
  { field: '`tool_choice` "required"', value: { ...TOOLS, tool_choice: "required" }, without: TOOLS },
  { field: '`tool_choice` "none"', value: { ...TOOLS, tool_choice: "none" }, without: TOOLS },
  {
    field: "`tool_choice` of one tool",
    value: { ...TOOLS, tool_choice: { type: "function", function: { name: "look" } } },
    without: TOOLS,
  },
  { field: "`parallel_tool_calls` false", value: { ...TOOLS, parallel_tool_calls: false }, without: TOOLS },
  { field: "`user`", value: { user: "user-1" } },
  { field: "`metadata`", value: { metadata: { ticket: "17" } } },
  { field: "`store`", value: { store: true } },
  { field: "`verbosity`", value: { verbosity: "low" } },
  { field: "`prompt_cache_key`", value: { prompt_cache_key: "a" } },
  { field: "`safety_identifier`", value: { safety_identifier: "a" } },
  { field: "a field nobody knows", value: { no_such_field: 1 } },
  {
    field: "image in the request",
    value: said(TEXT, { type: "image_url", image_url: { url: IMAGE } }),
  },
  {
    field: "image by `https` address",
    isFetched: true,
    value: said(TEXT, { type: "image_url", image_url: { url: "https://a.example/1.png" } }),
  },
  {
    field: "`detail` of an image",
    value: said(TEXT, { type: "image_url", image_url: { url: IMAGE, detail: "low" } }),
    without: said(TEXT, { type: "image_url", image_url: { url: IMAGE } }),
  },
  {
    field: "audio in the request",
    value: said(TEXT, { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }),
  },
  {
    field: "PDF in the request",
    value: said(TEXT, {
      type: "file",
      file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0xLjQ=" },
    }),
  },
  {
    field: "`cache_control` of a part",
    value: said({ ...TEXT, cache_control: { type: "ephemeral" } }),
    without: said(TEXT),
  },
  { field: "`name` of a message", value: { messages: [{ role: "user", name: "ada", content: "Hello" }] } },
  { field: "`reasoning` of an earlier answer", value: answered({ reasoning: "Hm" }), without: answered({}) },
  {
    field: "`extra` of an earlier answer",
    value: answered({ extra: { citations: [{}] } }),
    without: answered({}),
  },
  { field: "`is_error` of a tool's result", value: called({ is_error: true }), without: called({}) },
  { field: "`opaque` of Anthropic's", value: answered({ opaque: [SIGNED] }), without: answered({}) },
  { field: "`opaque` of Google's", value: answered({ opaque: [THOUGHT] }), without: answered({}) },
  { field: "`opaque` of OpenAI's", value: answered({ opaque: [ENCRYPTED] }), without: answered({}) },
  { field: '`service_tier` "flex"', value: { service_tier: "flex" } },
  { field: "`web_search_options`", value: { web_search_options: {} } },
  { field: "`modalities` with audio", value: { modalities: ["text", "audio"] } },
  { field: "`audio`", value: { audio: { voice: "alloy", format: "mp3" } } },
  { field: "`prediction`", value: { prediction: { type: "content", content: "Hello" } } },
  { field: "`plugins`", value: { plugins: [{ id: "web" }] } },
  { field: "`models`", value: { models: ["other/model"] } },
];
