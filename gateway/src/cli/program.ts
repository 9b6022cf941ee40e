import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { VERSION } from "../base/version.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { readEnvironment, readSecret } from "../config/env.ts";
import { NEEDS } from "../core/catalogue.ts";
import { adminReset } from "./admin-reset.ts";
import { connect } from "./api.ts";
import { backup } from "./backup.ts";
import { COMMAND } from "./called-as.ts";
import { doctor, type DoctorOptions } from "./doctor/doctor.ts";
import { addBackends, addProviderActions } from "./groups/backends.ts";
import { addConfig } from "./groups/config.ts";
import { addKeys } from "./groups/keys.ts";
import { addBudgets } from "./groups/budgets.ts";
import { addAccess } from "./groups/access.ts";
import { addLedger } from "./groups/ledger.ts";
import { addLevels } from "./groups/levels.ts";
import { addLogin } from "./groups/login.ts";
import { addModels, withModelOptions } from "./groups/models.ts";
import { addNodes } from "./groups/nodes.ts";
import { addPrices } from "./groups/prices.ts";
import { addReports } from "./groups/reports.ts";
import { addSessions } from "./groups/sessions.ts";
import { CommandError, type Output, terminal } from "./output.ts";
import { providersList, providersPresets } from "./providers.ts";
import { type ProvidersAddOptions, providersAdd } from "./providers-add.ts";
import { restoreBackup } from "./restore.ts";
import { type RoutesExplainOptions, routesExplain } from "./routes-explain.ts";
import { secretsRotate } from "./secrets-rotate.ts";
import { tellUsage } from "./usage.ts";

/** Starts a gateway and resolves when it has ended. */
export type Up = (config: Config) => Promise<void>;

/** The ways to start one. */
export interface Starts {
  /** A whole gateway. */
  readonly up: Up;
  /** One of the processes of `SCAIGRID_WORKERS`. */
  readonly together: Up;
  /** Throws with what to do where the machine gives too little for one. */
  readonly demandMachine: () => void;
}

/** Runs one command line; gives the exit code. */
export async function runCli(
  args: readonly string[],
  starts: Starts,
  output: Output = terminal,
): Promise<number> {
  try {
    await program(starts, output).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    // Every expected failure says in its message what to do; a stack would only hide it.
    output.note(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/** A file that a person has named. Throws CommandError. */
function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new CommandError(`the file ${path} cannot be read`);
  }
}

function configuration(): Config {
  return loadConfig(readEnvironment(), { isTerminal: process.stdout.isTTY });
}

function program({ up, together, demandMachine }: Starts, output: Output): Command {
  const root = new Command(COMMAND)
    .description("The AI inference gateway you host yourself.")
    .version(VERSION)
    .exitOverride();
  root
    .command("up")
    .description("start the gateway; settings are SCAIGRID_* variables")
    .action(() => up(configuration()));
  root.command("process", { hidden: true }).action(() => together(configuration()));
  root
    .command("admin")
    .description("administrators")
    .command("reset")
    .description("print a one-time link that makes an administrator, when the last one is lost")
    .action(() => adminReset(connect(configuration()), output));
  const context = { output, api: () => connect(configuration()) };
  root
    .command("doctor")
    .description(
      "look at everything a gateway needs: settings, data folder, store, clock, providers; changes nothing",
    )
    .option("--json", "print what was found as JSON")
    .action((options: DoctorOptions) => doctor(options, { ...context, configuration, demandMachine }));
  addLogin(root, readSecret, context);
  addKeys(root, context);
  addLevels(root, context);
  addAccess(root, context);
  addSessions(root, context);
  addBudgets(root, context);
  addPrices(root, context, fileText);
  addReports(root, context);
  addLedger(root, context);
  addNodes(root, context);
  addConfig(root, context, configuration);
  addData(root, output);
  addModels(root, context);
  addRoutes(root, output);
  addProviderActions(addProviders(root, output), context);
  addBackends(root, context);
  tellUsage(root);
  return root;
}

function addData(root: Command, output: Output): void {
  root
    .command("backup")
    .description("copy the data folder, also while the gateway runs")
    .argument("<folder>", "where to; it must not exist yet")
    .action((folder: string) => backup(folder, configuration(), output));
  root
    .command("restore")
    .description("put a backup into the data folder that SCAIGRID_DATA_DIR names, which must not exist yet")
    .argument("<folder>", "the backup")
    .action((folder: string) => restoreBackup(folder, configuration(), output));
  root
    .command("secrets")
    .description("the secret key that stored credentials are sealed with")
    .command("rotate")
    .description("seal every credential with a new secret key, while the gateway serves")
    .option("--json", "print the result as JSON")
    .action((options: { json?: boolean }) =>
      secretsRotate(options.json === true, connect(configuration()), output),
    );
}

function addRoutes(root: Command, output: Output): void {
  root
    .command("routes")
    .description("where requests go")
    .command("explain")
    .description("tell which backend a request for a model would get now, and why; nothing is sent")
    .argument("<slug>", "the name applications ask for")
    .option("--stream", "a streamed request")
    .option("--needs <capabilities...>", `what it asks of a backend: ${NEEDS.join(", ")}`)
    .option("--user <name>", "its user, where the policy sticks to one")
    .option("--session <name>", "its session, where the policy sticks to one")
    .option("--json", "print the preview as JSON")
    .action((slug: string, options: RoutesExplainOptions) =>
      routesExplain(slug, options, connect(configuration()), output),
    );
}

function addProviders(root: Command, output: Output): Command {
  const providers = root.command("providers").description("accounts at model providers");
  providers
    .command("list")
    .description("print the providers, and where their keys are kept")
    .option("--json", "print them as JSON")
    .action((options: { json?: boolean }) =>
      providersList(connect(configuration()), options.json === true, output),
    );
  providers
    .command("presets")
    .description("print the providers that can be added by name")
    .option("--json", "print them as JSON")
    .action((options: { json?: boolean }) =>
      providersPresets(connect(configuration()), options.json === true, output),
    );
  const add = providers
    .command("add")
    .description("add a provider with its models, ready to be called")
    .argument(
      "<name>",
      "a preset, such as openai or groq; custom for any other OpenAI-compatible server, scaiinfer for a pool of them",
    )
    .option("--model <names...>", "the models' names at the provider; all that are known by default")
    .option("--url <address>", "base URL, such as http://localhost:11434/v1; needed for custom")
    .option("--node <addresses...>", "with scaiinfer: the base URL of each server of the pool")
    .option("--key-env <variable>", "the environment variable that holds the provider's key")
    .option("--account-env", "an account's keys are in the variables that its vendor's own tools use")
    .option("--service-account <file>", "the key file of a service account at Google");
  withModelOptions(add).action((name: string, options: ProvidersAddOptions) =>
    providersAdd(name, options, connect(configuration()), { secretOf: readSecret, fileText }, output),
  );
  return providers;
}
