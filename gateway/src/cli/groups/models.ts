import type { Command } from "commander";
import type { Context } from "../context.ts";
import type { JsonOption } from "../listing.ts";
import type { ModelOptions } from "../model-bodies.ts";
import { modelsList, modelsRemove } from "../models.ts";
import { modelsAdd } from "../models-add.ts";

/** `scaigrid models`. */
export function addModels(root: Command, { api, output }: Context): void {
  const models = root.command("models").description("the models that applications ask for");
  models
    .command("list")
    .description("print the models with their prices per million tokens")
    .option("--json", "print them as JSON")
    .action(({ json }: JsonOption) => modelsList(api(), json === true, output));
  withModelOptions(models.command("add"))
    .description("add models at a provider that is there, ready to be called")
    .argument("<provider>", "its name or id, from `providers list`")
    .argument("<models...>", "the models' names at the provider")
    .action((provider: string, names: readonly string[], options: ModelOptions) =>
      modelsAdd(provider, names, options, api(), output),
    );
  models
    .command("remove")
    .description("remove a model, and the backends and providers that served nothing else")
    .argument("<slug>", "the name applications ask for")
    .action((slug: string) => modelsRemove(slug, api(), output));
}

/** Gives a command the options of `ModelOptions`. */
export function withModelOptions(command: Command): Command {
  return command
    .option("--slug <slug>", "the name applications ask for; name/model by default")
    .option("--name <text>", "a name for people")
    .option("--context-window <tokens>", "tokens of prompt and answer together; as known, or 128000")
    .option("--max-output <tokens>", "tokens of an answer")
    .option("--input-price <amount>", "what callers pay per million tokens in; as known by default")
    .option("--output-price <amount>", "what callers pay per million tokens out; as known by default")
    .option("--input-cost <amount>", "what the provider charges per million tokens in; the price by default")
    .option(
      "--output-cost <amount>",
      "what the provider charges per million tokens out; the price by default",
    )
    .option("--free", "costs nothing: a model of your own")
    .option("--json", "print the ids as JSON");
}
