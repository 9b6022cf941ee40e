import { describe, expect, test } from "bun:test";
import { asTyped, fieldAsTyped } from "../../src/cli/as-typed.ts";
import { modelBodies } from "../../src/cli/model-bodies.ts";

const NAMES = { tenant_id: "--tenant", "query.start": "--start", role: "--role", roles: "--roles" };

describe("what the gateway refuses a command", () => {
  test.each([
    ["give either tenant_id or partner_id", "give either --tenant or partner_id"],
    ["give `role`, for a role is needed", "give --role, for a role is needed"],
    ["a day needs `start`", "a day needs --start"],
    ["See `GET /v1/models`.", "See `npx scaigrid models list`."],
    ["See `GET /v1/config-file`.", "See `npx scaigrid config diff`."],
    ["See `GET /v1/elsewhere`.", "See `GET /v1/elsewhere`."],
  ])("names flags and commands: %s", (said, told) => {
    expect(asTyped(said, NAMES)).toBe(told);
  });

  test.each([
    ["tenant_id", "--tenant"],
    ["roles[0]", "--roles"],
    ["query.start", "--start"],
    ["other[1]", "other[1]"],
  ])("tells the field %s as %s", (field, flag) => {
    expect(fieldAsTyped(field, NAMES)).toBe(flag);
  });
});

test("a model whose prices are known in another currency asks for prices, not for another model", () => {
  const model = {
    upstream_model: "big-one",
    display_name: "Big One",
    context_window: 1_000,
    capabilities: [],
  };
  const provider = {
    type: "openai",
    label: "OpenAI",
    self_hosted: false,
    price_source: "a list",
    models: [model, { ...model, upstream_model: "big-one-2" }],
  };
  const asked = () => modelBodies("openai", model, {}, provider);
  expect(asked).toThrow("big-one has known prices, but not in this gateway's currency");
  expect(asked).toThrow("--input-price and --output-price");
  expect(asked).not.toThrow("big-one-2");
});
