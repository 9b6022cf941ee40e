import { z } from "zod";
import type { Api, NamesOfFields } from "./api.ts";
import { type KnownModel, type KnownProvider, knownProvider } from "./known-provider.ts";
import { allOrNone } from "./all-or-none.ts";
import { makeModel, MODEL_OPTIONS, modelBodies, type ModelOptions, resultOf } from "./model-bodies.ts";
import { COMMAND } from "./called-as.ts";
import { CommandError, type Output } from "./output.ts";
import { connectionOf, type ConnectionOptions, type Places } from "./connection.ts";

/** The options of `scaigrid providers add`, as the command line gives them. */
export interface ProvidersAddOptions extends ConnectionOptions, ModelOptions {
  readonly url?: string;
  readonly node?: readonly string[];
  readonly model?: readonly string[];
}

/** A vendor's newest; more would be a list that nobody reads. */
const MODELS_MAX = 100;

/** The options that fill the fields the gateway may refuse. */
const OPTION_OF: NamesOfFields = {
  type: "<name>",
  preset: "<name>",
  name: "--name",
  base_url: "--url",
  nodes: "--node",
  "connection_config.api_key": "--key-env",
  "connection_config.service_account": "--service-account",
  "connection_config.access_key_id": "--account-env",
  "connection_config.secret_access_key": "--account-env",
  "connection_config.region": "--account-env, with AWS_REGION",
  "connection_config.tenant_id": "--account-env",
  "connection_config.client_id": "--account-env",
  "connection_config.client_secret": "--account-env",
  upstream_model: "--model",
  ...MODEL_OPTIONS,
};

/**
 * `scaigrid providers add`: makes the provider and, for each model, backend, model and routing policy, all or none:
 * what was made before a step failed is taken back.
 */
export async function providersAdd(
  name: string,
  options: ProvidersAddOptions,
  api: Api,
  places: Places,
  output: Output,
): Promise<void> {
  const { url } = options;
  if (url !== undefined && !/^https?:\/\//i.test(url)) {
    throw new CommandError(`--url: must begin with http:// or https://, not ${url}`);
  }
  const known = await knownProvider(api, name);
  const body = {
    ...providerBody(name, options, known, places),
    name: await freeName(name, options, known, api),
  };
  const models = wantedModels(name, options, known).map((model) => modelBodies(name, model, options, known));
  const { provider, ids } = await allOrNone(api, OPTION_OF, output, async (make) => {
    const provider = await make("/v1/providers", body);
    const ids = [];
    for (const model of models) ids.push(await makeModel(provider, model, make));
    return { provider, ids };
  });
  if (options.json === true) output.data(JSON.stringify(resultOf(provider, ids)));
  else for (const { says } of models) output.data(says);
  if (url !== undefined) await warnOfSilence(provider, url, api, output);
}

const tried = z.object({ ok: z.boolean(), message: z.string() });

/** A provider may be added before it runs; a slip in its address is told of all the same. */
async function warnOfSilence(providerId: string, url: string, api: Api, output: Output): Promise<void> {
  const { ok, message } = await api.call("POST", `/v1/providers/${providerId}/test`, tried);
  const advice = /\/v\d+\/?$/.test(url) ? "" : " See --url, which often ends with /v1.";
  if (!ok) output.note(`it does not answer as it should yet: ${message}${advice}`);
}

function providerBody(
  name: string,
  options: ProvidersAddOptions,
  known: KnownProvider | undefined,
  places: Places,
): object {
  const { url, node } = options;
  const connection = connectionOf(options, known, places);
  return {
    type: known?.type ?? name,
    ...(known?.preset !== undefined && { preset: known.preset }),
    ...(url !== undefined && { base_url: url }),
    ...(node !== undefined && { nodes: node }),
    ...(connection !== undefined && { connection_config: connection }),
  };
}

const named = z.object({ name: z.string() });

/**
 * What the provider is called: as was asked, else after its vendor, a server without one after its host; told apart from
 * others of that name by a number. Throws CommandError for a name that was asked for and is taken.
 */
async function freeName(
  name: string,
  { name: asked, url = "" }: ProvidersAddOptions,
  known: KnownProvider | undefined,
  api: Api,
): Promise<string> {
  const taken = new Set((await api.list("/v1/providers", named)).map((provider) => provider.name));
  if (asked !== undefined && taken.has(asked)) {
    throw new CommandError(
      `--name: another provider is called ${asked}; \`${COMMAND} providers list\` shows it`,
    );
  }
  const usual = asked ?? known?.label ?? URL.parse(url)?.host ?? name;
  for (let number = 1; ; number++) {
    const tried = number === 1 ? usual : `${usual} ${number}`;
    if (!taken.has(tried)) return tried;
  }
}

/** The models asked for; without any, those whose limits and prices are known, newest first. */
function wantedModels(
  name: string,
  options: ProvidersAddOptions,
  known: KnownProvider | undefined,
): readonly (KnownModel | string)[] {
  const { model: names } = options;
  if (names === undefined) {
    const models = known?.own_model_names === true ? [] : (known?.models ?? []).slice(0, MODELS_MAX);
    if (models.length === 0) {
      throw new CommandError(`no models of ${name} are known: name them with --model`);
    }
    // What says how one model is called or what it costs cannot be meant for all of them.
    const [single] = SINGLE.filter((option) => options[option[0]] !== undefined);
    if (single !== undefined) throw new CommandError(`${single[1]} is for one model: name it with --model`);
    return models;
  }
  if (names.length > 1 && options.slug !== undefined) {
    throw new CommandError("--slug is for one model: leave it out, or call once for each");
  }
  return names.map((wanted) => known?.models.find((model) => model.upstream_model === wanted) ?? wanted);
}

const SINGLE = [
  ["slug", "--slug"],
  ["maxOutput", "--max-output"],
  ["contextWindow", "--context-window"],
  ["inputPrice", "--input-price"],
  ["outputPrice", "--output-price"],
  ["inputCost", "--input-cost"],
  ["outputCost", "--output-cost"],
] as const;
