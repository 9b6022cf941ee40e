import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import { anyItem, type Column, type JsonOption, printItems } from "../listing.ts";

const PROVIDERS = "/v1/providers";
const BACKENDS: readonly Column[] = [
  ["ID", "id"],
  ["BACKEND", "uri"],
  ["UPSTREAM MODEL", "upstream_model"],
  ["DIALECT", "dialect"],
  ["REGION", "region"],
  ["STATUS", "status"],
];
const DISCOVERED: readonly Column[] = [
  ["MODEL", "upstream_model"],
  ["KNOWN", "known"],
  ["BACKENDS", "backend_ids"],
];
const verdict = z.looseObject({ message: z.string() });

/** What `scaigrid providers` does with one that is there: `test`, `discover` and `delete`. */
export function addProviderActions(providers: Command, { api, output }: Context): void {
  const of = (id: string): string => `${PROVIDERS}/${encodeURIComponent(id)}`;
  providers
    .command("test")
    .description("try a provider's address and key with a call that costs nothing")
    .argument("<id>", "the provider's id")
    .option("--json", "print the answer as JSON")
    .action(async (id: string, { json }: JsonOption) => {
      const answer = await api().call("POST", `${of(id)}/test`, verdict);
      output.data(json === true ? JSON.stringify(answer) : answer.message);
    });
  providers
    .command("discover")
    .description("print the models a provider lists, and which of them are served already")
    .argument("<id>", "the provider's id")
    .option("--json", "print them with a proposal for each")
    .action(async (id: string, options: JsonOption) => {
      const { items } = await api().call(
        "POST",
        `${of(id)}/discover`,
        z.looseObject({ items: z.array(anyItem) }),
      );
      printItems(items, DISCOVERED, options, output);
    });
  providers
    .command("delete")
    .description("delete a provider that has no backends any more")
    .argument("<id>", "the provider's id")
    .action(async (id: string) => {
      await api().call("DELETE", of(id), z.unknown());
      output.data(`${id} is deleted`);
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
      printItems(await api().list("/v1/backends", anyItem), BACKENDS, options, output);
    });
  backends
    .command("health")
    .description("look at a backend now; one that is well gets calls again at once")
    .argument("<id>", "the backend's id")
    .option("--json", "print the answer as JSON")
    .action(async (id: string, { json }: JsonOption) => {
      const health = z.looseObject({ status: z.string(), message: z.string() });
      const answer = await api().call("GET", `${of(id)}/health`, health);
      output.data(json === true ? JSON.stringify(answer) : `${answer.status}: ${answer.message}`);
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
