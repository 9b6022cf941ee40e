import { expect, test } from "bun:test";
import { DECLARED } from "../harness/declared.ts";
import { pickText } from "../harness/json.ts";
import { codeOf, describeApi } from "./started.ts";

/** Every endpoint that is not open to strangers, with something in the place of its parameters. */
const GUARDED = DECLARED.filter(({ access }) => access !== "public").map(
  ({ method, path, access, door = "native", body }) => ({
    method,
    path: path.replaceAll(/\{[^}]*\}/g, "some"),
    access,
    door,
    body,
  }),
);

/** What each door says to a stranger. */
const NO_KEY = {
  native: "AUTH_TOKEN_MISSING",
  openai: "invalid_api_key",
  anthropic: "authentication_error",
} as const;

/** What the role of the first key, `tenant_admin`, does not include. */
const PLATFORM_ONLY = GUARDED.filter(({ access }) => access === "platform:manage");

describeApi("every guarded endpoint", (api) => {
  test.each(GUARDED)("$method $path asks a stranger for a key before it looks at the body", async (row) => {
    const { method, path, door, body } = row;
    const reply = await api.gateway.api(method, path, { key: undefined, ...(body && { body: "{not json" }) });
    expect([reply.status, codeOf(reply)]).toEqual([401, NO_KEY[door]]);
  });

  test.each(PLATFORM_ONLY)(
    "$method $path names the permission a key lacks",
    async ({ method, path, body }) => {
      const reply = await api.gateway.api(method, path, {
        key: api.gateway.firstKey,
        ...(body && { body: "{not json" }),
      });
      expect([reply.status, codeOf(reply)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
      expect(pickText(reply.body, "error.hint")).toContain("platform:manage");
    },
  );
});
