import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { checkConfigFile } from "../../admin/config-file/check.ts";
import { configFileSchema } from "../../admin/config-file/schema.ts";
import { CONFIG_FILE_NAME, findConfigFile, readConfigFile } from "../../config/config-file.ts";
import type { Config } from "../../config/config.ts";
import type { Context } from "../context.ts";
import type { JsonOption } from "../listing.ts";
import { CommandError } from "../output.ts";
import { tableOf } from "../table.ts";

const report = z.object({
  path: z.string().optional(),
  state: z.string(),
  problems: z.array(z.object({ line: z.number(), message: z.string() })),
  drift: z.array(
    z.object({ section: z.string(), name: z.string(), change: z.string(), fields: z.array(z.string()) }),
  ),
});

/** `scaigrid config`: providers, backends, models, routing policies and budgets as a file. */
export function addConfig(root: Command, { api, output }: Context, configuration: () => Config): void {
  const config = root.command("config").description(`the configuration file, ${CONFIG_FILE_NAME}`);
  config
    .command("check")
    .description("check a configuration file by itself, without a gateway")
    .argument("[file]", "the file; the one that a start would find by default")
    .action((file: string | undefined) => {
      const path = file === undefined ? findConfigFile(configuration()) : resolve(file);
      if (path === undefined) throw new CommandError(`There is no ${CONFIG_FILE_NAME} here. Name the file.`);
      const checked = checkConfigFile(path, readConfigFile(path));
      const { providers, backends, models, routing_policies: policies, budgets } = checked.declared;
      const counts = [
        [providers, "providers"],
        [backends, "backends"],
        [models, "models"],
        [policies, "routing policies"],
        [budgets, "budgets"],
      ] as const;
      const words = counts.map(([entries, many]) => `${Object.keys(entries).length} ${many}`).join(", ");
      output.data(`${path} is valid: ${words}`);
      for (const { line, column, message } of checked.undeclared()) {
        output.note(`${path}:${line}:${column}: ${message}.`);
      }
    });
  config
    .command("diff")
    .description("print what the running gateway has that is not as its configuration file says")
    .option("--json", "print it as JSON")
    .action(async ({ json }: JsonOption) => {
      const found = await api().call("GET", "/v1/config-file", report);
      if (json === true) output.data(JSON.stringify(found));
      else if (found.path === undefined) output.note("This gateway has no configuration file.");
      else printReport({ ...found, path: found.path }, output);
      if (found.problems.length > 0 || found.drift.length > 0) {
        throw new CommandError("The gateway is not as the file says.");
      }
    });
  config
    .command("schema")
    .description("print the format of the file as a JSON Schema, for editors")
    .action(() => output.data(JSON.stringify(configFileSchema(), undefined, 2)));
}

function printReport(
  { path, problems, drift }: z.infer<typeof report> & { readonly path: string },
  output: Context["output"],
): void {
  for (const { line, message } of problems) output.note(`${path}:${line}: ${message}.`);
  if (drift.length === 0) {
    if (problems.length === 0) output.data(`Everything is as ${path} says.`);
    return;
  }
  const rows = drift.map(({ change, section, name, fields }) => [change, section, name, fields.join(", ")]);
  output.data(tableOf([["CHANGE", "SECTION", "NAME", "FIELDS"], ...rows]));
}
