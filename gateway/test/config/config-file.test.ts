import { describe, expect, test } from "bun:test";
import { checkConfigFile } from "../../src/admin/config-file/check.ts";
import { configFileSchema } from "../../src/admin/config-file/schema.ts";
import { ConfigFileError } from "../../src/config/config-file.ts";

/** What a file is told, each line as `line: message`. */
function problems(text: string): readonly string[] {
  try {
    checkConfigFile("/etc/scaigrid.yaml", text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    return error.problems.map(({ line, message }) => `${line}: ${message}`);
  }
}

const WHOLE = `
providers:
  openai: { type: openai, connection_config: { api_key: env:OPENAI_API_KEY } }
backends:
  gpt-4o: { provider: openai, upstream_model: gpt-4o, costs: { input_per_mtok: "2.50", output_per_mtok: "10" } }
models:
  openai/gpt-4o:
    context_window: 128000
    prices: { input_per_mtok: "2.50", output_per_mtok: "10" }
routing_policies:
  openai/gpt-4o:
    strategy: weighted
    targets:
      - backend: gpt-4o
        weight: 80
`;

describe("a configuration file that is checked by itself", () => {
  test("may be empty, may be JSON, and says what it declares", () => {
    expect(problems("")).toEqual([]);
    expect(problems("# nothing yet\n")).toEqual([]);
    expect(problems('{"models": {"acme/one": {"context_window": 10}}}')).toEqual([]);
    const { declared } = checkConfigFile("x", WHOLE);
    expect(declared.routing_policies["openai/gpt-4o"]?.targets).toEqual([
      { backend: "gpt-4o", weight: 80, priority: 1, enabled: true },
    ]);
  });

  test("tells which models only a gateway can know, at their lines, with the nearest it declares", () => {
    expect(checkConfigFile("x", WHOLE).undeclared()).toEqual([]);
    const other = WHOLE.replace(
      "routing_policies:\n  openai/gpt-4o:",
      "routing_policies:\n  openai/gpt-4:",
    ).replace("strategy: weighted", "fallback_models: [openai/gpt-4o, stored/one]");
    const undeclared = checkConfigFile("x", other).undeclared();
    expect(undeclared.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      "11: routing_policies.openai/gpt-4 needs the model openai/gpt-4, which is not declared in this file (did you mean openai/gpt-4o?); looked up when it is applied",
      "12: routing_policies.openai/gpt-4.fallback_models[1] needs the model stored/one, which is not declared in this file; looked up when it is applied",
    ]);
  });

  test.each([
    ["a typo at the top", "provders: {}", "1: provders is not a known field; did you mean providers?"],
    [
      "a typo deep inside",
      WHOLE.replace("weight: 80", "wieght: 80"),
      "15: routing_policies.openai/gpt-4o.targets[0].wieght is not a known field; did you mean weight?",
    ],
    [
      "a value that is none",
      WHOLE.replace("weighted", "wheighted"),
      '12: routing_policies.openai/gpt-4o.strategy must be one of "priority", "weighted", "least_busy", "latency"; did you mean weighted?',
    ],
    [
      "a price that is not text",
      WHOLE.replace('prices: { input_per_mtok: "2.50"', "prices: { input_per_mtok: 2.50"),
      '9: models.openai/gpt-4o.prices.input_per_mtok must be a decimal number in a string, such as "2.50"',
    ],
    [
      "a backend of no provider",
      WHOLE.replace("provider: openai,", "provider: opnai,"),
      '5: backends.gpt-4o.provider names "opnai", which is no entry of providers; did you mean openai?',
    ],
    [
      "a target of no backend",
      WHOLE.replace("- backend: gpt-4o", "- backend: gpt-4"),
      '14: routing_policies.openai/gpt-4o.targets[0].backend names "gpt-4", which is no entry of backends; did you mean gpt-4o?',
    ],
    [
      "a budget without a limit",
      "budgets:\n  free:\n    { scope: tenant, scope_id: acme, period: daily }\n",
      "2: budgets.free.cost_limit a budget needs at least one of cost_limit, token_limit and request_limit",
    ],
    [
      "a budget that is less than nothing",
      'budgets:\n  debt: { scope: tenant, scope_id: acme, period: daily, cost_limit: "-5" }\n',
      "2: budgets.debt.cost_limit must not be negative",
    ],
    [
      "a budget over nothing that has any",
      "budgets:\n  gpt: { scope: model, scope_id: a/b, period: daily, token_limit: 5 }\n",
      '2: budgets.gpt.scope must be one of "partner", "tenant", "group", "user", "api_key"',
    ],
    [
      "a key in the clear",
      WHOLE.replace("env:OPENAI_API_KEY", "sk-a-real-key"),
      "3: providers.openai.connection_config.api_key must say where it is kept, env:NAME or file:/path: a key itself has no place in the file",
    ],
    [
      "a name twice",
      "models:\n  a/b: { context_window: 1 }\n  a/b: { context_window: 2 }\n",
      "3: is not YAML: Map keys must be unique",
    ],
    [
      "a tag nobody knows",
      "models: !!python/object {}",
      "1: is not YAML: Unresolved tag: tag:yaml.org,2002:python/object",
    ],
    [
      "a character that no store keeps",
      'models: { "a/b": { context_window: 1, description: "\\0" } }',
      "1: models.a/b.description must not contain NUL or half characters",
    ],
  ])("is told %s with its line", (_, text, said) => {
    expect(problems(text)).toContain(said);
  });

  test("is told no key that it holds in the clear", () => {
    expect(problems(WHOLE.replace("env:OPENAI_API_KEY", "sk-a-real-key")).join()).not.toContain(
      "sk-a-real-key",
    );
  });

  test("cannot fill the memory with what it repeats", () => {
    const levels = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [name, before] of [
      ["b", "a"],
      ["c", "b"],
      ["d", "c"],
    ] as const) {
      levels.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(", ")}]`);
    }
    expect(problems(levels.join("\n"))[0]).toContain("is not YAML");
  });

  test("has a schema that knows every part of it", () => {
    expect(JSON.stringify(configFileSchema())).toContain('"routing_policies"');
  });
});
