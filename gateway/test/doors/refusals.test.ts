import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { openaiDoor } from "../../src/dialects/openai-door/openai-door.ts";
import { ApiError, ERRORS, type ErrorCode } from "../../src/errors.ts";
import { durationText, openaiDoorAt } from "../../src/http/doors/openai.ts";
import { isObject, pick } from "../harness/json.ts";

const REQUEST_ID = "req_01JD0000000000000000000000";
const door = openaiDoorAt(openaiDoor);
const CODES = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);

/** What the official package makes of a refusal. */
async function asThrown(refused: Response): Promise<InstanceType<typeof OpenAI.APIError>> {
  const body: unknown = await refused.json();
  if (!isObject(body)) throw new Error("the refusal is not an object");
  return OpenAI.APIError.generate(refused.status, body, undefined, refused.headers);
}

const KINDS = [
  [400, OpenAI.BadRequestError],
  [401, OpenAI.AuthenticationError],
  [403, OpenAI.PermissionDeniedError],
  [404, OpenAI.NotFoundError],
  [409, OpenAI.ConflictError],
  [429, OpenAI.RateLimitError],
] as const;

describe("every code of the error table at the OpenAI door", () => {
  test.each(CODES)("%s is thrown as what it is, and repeated only where that can help", async (code) => {
    const error = new ApiError(code);
    const refused = door.refuse(error, REQUEST_ID);
    expect(refused.status).toBe(door.statusOf(error));
    expect(pick(await refused.clone().json(), "request_id")).toBe(REQUEST_ID);
    const mayRepeat = refused.headers.get("x-should-retry") !== "false";
    const repeats = refused.status === 409 || refused.status === 429 || refused.status >= 500;
    if (repeats) expect([code, mayRepeat]).toEqual([code, ERRORS[code].retry !== "no"]);
    const thrown = await asThrown(refused);
    const { status } = refused;
    const kind = status >= 500 ? OpenAI.InternalServerError : KINDS.find(([known]) => known === status)?.[1];
    expect(thrown).toBeInstanceOf(kind ?? OpenAI.APIError);
    expect(thrown.code).toMatch(/^[a-z_]+$/);
    expect(thrown.message).toContain(ERRORS[code].when);
  });

  test.each(["BUDGET_EXCEEDED", "QUOTA_EXCEEDED"] as const)(
    "%s is the quota that has run out: nobody asks again",
    async (code) => {
      const details = [{ field: "affordable_max_tokens", message: "12" }];
      const refused = door.refuse(new ApiError(code, undefined, { details }), REQUEST_ID);
      expect(refused.headers.get("x-should-retry")).toBe("false");
      const thrown = await asThrown(refused);
      expect(thrown).toBeInstanceOf(OpenAI.RateLimitError);
      expect([thrown.type, thrown.code]).toEqual(["insufficient_quota", "insufficient_quota"]);
      expect(thrown.message).toContain("affordable_max_tokens: 12");
    },
  );

  test("the wait stands in the header, fields and hint in the message", async () => {
    const init = {
      retryAfterSeconds: 3,
      hint: "Wait a little.",
      details: [{ field: "a.b", message: "is 1" }],
    };
    const refused = door.refuse(new ApiError("BUDGET_RESERVED", "Held.", init), REQUEST_ID);
    expect(refused.headers.get("retry-after")).toBe("3");
    const thrown = await asThrown(refused);
    expect(thrown.param).toBe("a.b");
    expect(thrown.message).toBe("429 Held. a.b: is 1. Wait a little.");
  });
});

test.each([
  [-3, "0s"],
  [0, "0s"],
  [0.2, "1s"],
  [59, "59s"],
  [60, "1m0s"],
  [360, "6m0s"],
  [3600, "1h0m0s"],
  [3630.5, "1h0m31s"],
])("%p seconds are written %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
