import { describe, expect, test } from "bun:test";
import { anthropicDoor } from "../../src/dialects/anthropic-door/anthropic-door.ts";
import { openaiResponses } from "../../src/dialects/openai-responses/openai-responses.ts";
import { openaiResponsesDoor } from "../../src/dialects/openai-responses-door/openai-responses-door.ts";
import type { ReadRequest } from "../../src/dialects/chat-completions/request.ts";

function read(answer: ReadRequest) {
  if (answer.issues !== undefined) throw new Error(JSON.stringify(answer.issues));
  return answer.request;
}

describe("what goes on in its caller's own words", () => {
  test("shows the images of a document to whoever reckons what it may cost", () => {
    const url = "https://pictures.example/1.png";
    const content = [
      { type: "text", text: "see " },
      { type: "image", source: { type: "url", url } },
      { type: "text", text: "above" },
    ];
    const document = { type: "document", title: "Report", source: { type: "content", content } };
    const messages = [{ role: "user", content: [document] }];
    expect(read(anthropicDoor.parse({ model: "acme/model", max_tokens: 9, messages })).messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "Report\n\nsee above" },
          { type: "image_url", image_url: { url } },
        ],
      },
    ]);
  });

  test.each(["search_parameters", "plugins", "models", "provider", "web_search_options", "audio"])(
    "is refused where %s costs money that has no price",
    (field) => {
      const body = { model: "acme/model", input: "Hello", [field]: [{ id: "web" }] };
      const issues = openaiResponses.refuse(read(openaiResponsesDoor.parse(body)));
      expect(issues.map((issue) => issue.field)).toEqual([field]);
    },
  );

  test("is sent where it asks for nothing that costs", () => {
    const tools = [{ type: "function", name: "look", parameters: {} }];
    const body = {
      model: "acme/model",
      input: "Hello",
      tools,
      truncation: "auto",
      reasoning: { effort: "low" },
    };
    expect(openaiResponses.refuse(read(openaiResponsesDoor.parse(body)))).toEqual([]);
  });
});
