import { expect, test } from "bun:test";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { describeApi, SANDBOX } from "../api/started.ts";
import { pick } from "../harness/json.ts";
import { DirectFetch } from "./direct-fetch.ts";

describeApi("LangChain JS", (api) => {
  const model = (): ChatOpenAI =>
    new ChatOpenAI({
      model: SANDBOX,
      apiKey: api.gateway.firstKey,
      configuration: { baseURL: `${api.gateway.url}/oai/v1`, fetch: new DirectFetch().fetch },
    });
  const prompt = ChatPromptTemplate.fromMessages([
    ["system", "You are brief."],
    ["human", "Tell me about {topic}."],
  ]);

  test("a chain with streaming", async () => {
    const chain = prompt.pipe(model()).pipe(new StringOutputParser());
    const pieces = await Array.fromAsync(await chain.stream({ topic: "tides" }));
    expect(pieces.filter((piece) => piece !== "").length).toBeGreaterThan(3);
    expect(pieces.join("")).toContain("You said: “Tell me about tides.”");
  });

  test("a chain without, with its usage", async () => {
    const answer = await prompt.pipe(model()).invoke({ topic: "tides" });
    expect(answer.text).toContain("tides");
    expect(pick(answer, "usage_metadata.total_tokens")).toBeGreaterThan(0);
    expect(answer.response_metadata["model_name"]).toBe(SANDBOX);
  });

  test("structured output and tools", async () => {
    const schema = z.object({ title: z.string(), pages: z.int() });
    const book = await model().withStructuredOutput(schema).invoke("a book");
    expect(schema.safeParse(book).success).toBe(true);
    const weather = tool(() => "sun", { name: "get_weather", schema: z.object({ city: z.string() }) });
    const answer = await model().bindTools([weather]).invoke("get weather");
    expect(answer.tool_calls?.map(({ name }) => name)).toEqual(["get_weather"]);
  });
});
