import type { Command } from "commander";
import { z } from "zod";
import type { Api } from "../api.ts";
import type { Context } from "../context.ts";
import { COMMAND } from "../called-as.ts";
import { findProvider } from "../found.ts";
import { anyItem, type Column, type Item, type JsonOption, printItems, textOf } from "../listing.ts";
import { CommandError } from "../output.ts";

const PROVIDERS = "/v1/providers";
const BACKENDS: readonly Column[] = [
  ["ID", "id"],
  ["PROVIDER", "provider"],
  ["UPSTREAM MODEL", "upstream_model"],
  ["MODELS", "models"],
  ["DIALECT", "dialect"],
  ["REGION", "region"],
  ["STATUS", "status"],
];
const DISCOVERED: readonly Column[] = [
  ["MODEL", "upstream_model"],
  ["KNOWN", "known"],
  ["BACKENDS", "backend_ids"],
];
const provider = z.object({ id: z.string(), name: z.string() });
const model = z.object({ id: z.string(), slug: z.string() });
const policy = z.object({ model_id: z.string(), targets: z.array(z.object({ backend_id: z.string() })) });
const verdict = z.looseObject({ message: z.string() });

/** What `scaigrid providers` does with one that is there: `test`, `discover` and `delete`. */
export function addProviderActions(providers: Command, { api, output }: Context): void {
  const of = async (text: string): Promise<string> => `${PROVIDERS}/${(await findProvider(api(), text)).id}`;
  providers
    .command("test")
    .description("try a provider's address and key with a call that costs nothing")
    .argument("<provider>", "its name or id")
    .option("--json", "print the answer as JSON")
    .action(async (text: string, { json }: JsonOption) => {
      const answer = await api().call("POST", `${await of(text)}/test`, verdict);
      output.data(json === true ? JSON.stringify(answer) : answer.message);
    });
  providers
    .command("discover")
    .description("print the models a provider lists, and which of them are served already")
    .argument("<provider>", "its name or id")
    .option("--json", "print them with a proposal for each")
    .action(async (text: string, options: JsonOption) => {
      const { items } = await api().call(
        "POST",
        `${await of(text)}/discover`,
        z.looseObject({ items: z.array(anyItem) }),
      );
      printItems(items, DISCOVERED, options, output);
    });
  providers
    .command("delete")
    .description("delete a provider that has no backends any more")
    .argument("<provider>", "its name or id")
    .action(async (text: string) => {
      await api().call("DELETE", await of(text), z.unknown());
      output.data(`${text} is deleted`);
    });
}

/** `scaigrid backends`. */
export function addBackends(root: Command, { api, output }: Context): void {
  const backends = root.command("backends").description("models at providers");
  const of = (id: string): string => `/v1/backends/${encodeURIComponent(id)}`;
  backends
    .command("list")
    .description("print the backends")
    .option("--json", "print them as JSON")
    .action(async (options: JsonOption) => {
      const gateway = api();
      const items = await gateway.list("/v1/backends", anyItem);
      const told = options.json === true ? items : items.map(await namesFrom(gateway));
      printItems(told, BACKENDS, options, output);
    });
  backends
    .command("health")
    .description("look at a backend now; one that is well gets calls again at once")
    .argument("<id>", "the backend's id")
    .option("--check", "exit with 1 unless it is healthy, for scripts")
    .option("--json", "print the answer as JSON")
    .action(async (id: string, { json, check }: JsonOption & { readonly check?: boolean }) => {
      const health = z.looseObject({ status: z.string(), message: z.string() });
      const answer = await api().call("GET", `${of(id)}/health`, health);
      output.data(json === true ? JSON.stringify(answer) : `${answer.status}: ${answer.message}`);
      if (check === true && answer.status !== "healthy") {
        throw new CommandError(
          `${id} is ${answer.status}: \`${COMMAND} doctor\` looks at everything it needs`,
        );
      }
    });
  backends
    .command("delete")
    .description("delete a backend, and take it out of every routing policy")
    .argument("<id>", "the backend's id")
    .action(async (id: string) => {
      await api().call("DELETE", of(id), z.unknown());
      output.data(`${id} is deleted`);
    });
}

/** Puts beside a backend whose it is, and the models that applications ask for and may get from it. */
async function namesFrom(api: Api): Promise<(backend: Item) => Item> {
  const providers = await api.list(PROVIDERS, provider);
  const models = await api.list("/v1/models", model);
  const policies = await api.list("/v1/routing-policies", policy);
  const nameOf = new Map(providers.map(({ id, name }) => [id, name]));
  const slugOf = new Map(models.map(({ id, slug }) => [id, slug]));
  const slugsOf = new Map<string, string[]>();
  for (const { model_id: id, targets } of policies) {
    for (const { backend_id: backend } of targets) {
      slugsOf.set(backend, [...(slugsOf.get(backend) ?? []), slugOf.get(id) ?? id]);
    }
  }
  return (backend) => ({
    ...backend,
    provider: nameOf.get(textOf(backend["provider_id"])) ?? backend["provider_id"],
    models: slugsOf.get(textOf(backend["id"])) ?? [],
  });
}
