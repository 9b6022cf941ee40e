import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { anthropicError, anthropicStatus } from "../../src/dialects/anthropic-door/error.ts";
import { ERRORS } from "../../src/errors.ts";
import { describeApi, type Started } from "../api/started.ts";
import { FormatUpstream } from "../fakes/format-upstream.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { pick } from "../harness/json.ts";
import type { Gets } from "./catalogue/fault.ts";
import { MESSAGES_FAULTS, type FormatFault } from "./catalogue/messages-format.ts";
import { FORMATS } from "./formats/formats.ts";
import type { FormatMaterial } from "./formats/material.ts";

const ASKED = { messages: [{ role: "user", content: "twelve bytes" }], max_tokens: 100 };
/** Doors that differ in how answers go down: told anew, and passed on where the format is the door's own. */
const DOORS = { native: "/v1/inference/chat", anthropic: "/anthropic/v1/messages" } as const;
type Door = keyof typeof DOORS;
const TOKEN = "aqua".length;

/** What a caller saw: a status, an error's code in the door's words, the text. */
interface Seen {
  readonly status: number;
  readonly code: unknown;
  readonly cut: unknown;
  readonly text: string;
}

async function ask({ gateway }: Started, door: Door, model: string, stream: boolean): Promise<Seen> {
  const key = door === "native" ? "error.code" : "error.type";
  const path = DOORS[door];
  if (!stream) {
    const { status, body } = await gateway.api("POST", path, {
      key: gateway.firstKey,
      body: { ...ASKED, model },
    });
    const text = pick(body, door === "native" ? "data.choices.0.message.content" : "content.0.text");
    return { status, code: pick(body, key), cut: undefined, text: typeof text === "string" ? text : "" };
  }
  const opened = await gateway.chatStream({ ...ASKED, model }, { path });
  if (opened.status !== 200) {
    return { status: opened.status, code: pick(JSON.parse(opened.text), key), cut: undefined, text: "" };
  }
  const { events, error } = await opened.end();
  const pieces = events.map(({ json }) =>
    pick(json, door === "native" ? "choices.0.delta.content" : "delta.text"),
  );
  const cut = pick(error, door === "native" ? "code" : "error.type");
  return {
    status: 200,
    code: undefined,
    cut,
    text: pieces.filter((piece) => typeof piece === "string").join(""),
  };
}

/** What must be seen. */
function expected(gets: Gets, door: Door, { text }: FormatMaterial): Seen {
  switch (gets.kind) {
    case "answer":
      return { status: 200, code: undefined, cut: undefined, text };
    case "cut":
      return {
        status: 200,
        code: undefined,
        cut: wordFor(gets.code, door),
        text: text.slice(0, gets.tokens * TOKEN),
      };
    case "error": {
      const status = door === "native" ? ERRORS[gets.code].status : anthropicStatus(gets.code);
      return { status, code: wordFor(gets.code, door), cut: undefined, text: "" };
    }
  }
}

function wordFor(code: Extract<Gets, { code: unknown }>["code"], door: Door): string {
  return door === "native" ? code : anthropicError(code, "").type;
}

/** With a second backend behind it. */
function withHelp({ saved, stream }: FormatFault, alone: Gets = stream): Gets {
  return saved ? { kind: "answer" } : alone;
}

describe.each(FORMATS.map((material) => [material.label, material] as const))(
  "a provider that speaks %s",
  (_label, material) => {
    describeApi("and misbehaves", (started) => {
      let upstream: FormatUpstream;
      beforeAll(() => {
        upstream = new FormatUpstream(material);
      });
      afterAll(() => upstream.stop());

      const model = async (plans: readonly string[]): Promise<string> => {
        const { provider, apiKey } = material;
        // One attempt at each backend: what a second one at the same brings is shown for the faults of connections.
        const retry = { attempts: 3, same_backend: 0 };
        return (await addFakeBackend(started.gateway, upstream, { plans, provider, apiKey, retry })).slug;
      };

      test.each(MESSAGES_FAULTS.map((fault) => [`${fault.number}: one that ${fault.does}`, fault] as const))(
        "%s",
        async (_title, fault) => {
          const alone = await model([`act-${fault.act}`]);
          const helped = await model([`act-${fault.act}`, "act-ok"]);
          for (const door of ["native", "anthropic"] as const) {
            const { whole, stream } = fault;
            const see = (slug: string, isStream: boolean) => ask(started, door, slug, isStream);
            expect(await see(alone, true)).toEqual(expected(stream, door, material));
            expect(await see(helped, true)).toEqual(expected(withHelp(fault), door, material));
            if (whole === undefined) continue;
            expect(await see(alone, false)).toEqual(expected(whole, door, material));
            expect(await see(helped, false)).toEqual(expected(withHelp(fault, whole), door, material));
          }
        },
      );
    });
  },
);
