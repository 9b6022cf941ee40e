import { z } from "zod";
import { nearest } from "../base/nearest.ts";
import { allOrNone } from "./all-or-none.ts";
import type { Api, NamesOfFields } from "./api.ts";
import { COMMAND } from "./called-as.ts";
import { findProvider, type FoundProvider } from "./found.ts";
import { knownProvider } from "./known-provider.ts";
import {
  makeModel,
  MODEL_OPTIONS,
  type ModelBodies,
  modelBodies,
  type ModelOptions,
  resultOf,
} from "./model-bodies.ts";
import { CommandError, type Output } from "./output.ts";
import { curlLine } from "./welcome.ts";

const SHOWN_NAMES = 3;
/** The options that fill the fields the gateway may refuse. */
const OPTION_OF: NamesOfFields = { ...MODEL_OPTIONS, upstream_model: "<model>" };

const backend = z.object({ id: z.string(), upstream_model: z.string() });
const model = z.object({ id: z.string(), slug: z.string() });
const policy = z.object({
  model_id: z.string(),
  targets: z.array(z.object({ backend_id: z.string() })),
});

/** One model to make, over the backend that serves it already where there is one. */
interface Wanted {
  readonly bodies: ModelBodies;
  readonly backendId: string | undefined;
}

/**
 * `scaigrid models add`: further models at a provider that is there, each with backend and routing policy, all or none.
 * Throws CommandError for one that is there already.
 */
export async function modelsAdd(
  providerText: string,
  upstreamModels: readonly string[],
  options: ModelOptions,
  api: Api,
  output: Output,
): Promise<void> {
  const names = [...new Set(upstreamModels)];
  if (names.length > 1 && options.slug !== undefined) {
    throw new CommandError("--slug is for one model: leave it out, or call once for each");
  }
  const provider = await findProvider(api, providerText);
  const kind = provider.preset ?? provider.type;
  const known = await knownProvider(api, kind);
  const wanted = await missing(
    names.map((name) => {
      const found = known?.models.find((each) => each.upstream_model === name);
      return { name, bodies: modelBodies(kind, found ?? name, options, known) };
    }),
    provider,
    options,
    api,
  );
  const ids = await allOrNone(api, OPTION_OF, output, async (make) => {
    const all = [];
    for (const { bodies, backendId } of wanted) {
      all.push(await makeModel(provider.id, bodies, make, backendId));
    }
    return all;
  });
  if (options.json === true) {
    output.data(JSON.stringify(resultOf(provider.id, ids)));
    return;
  }
  for (const { bodies } of wanted) output.data(bodies.says);
  tellUse(ids[0]?.slug ?? "", provider, api, output);
  // Where a model's name is the customer's own, as at Azure, the list has other names.
  if (known?.own_model_names !== true) await warnOfUnlisted(names, provider, api, output);
}

const discovered = z.object({ items: z.array(z.object({ upstream_model: z.string() })) });

/** A slip in a model's name is told of, and so is a provider that does not answer; either may be put right later. */
async function warnOfUnlisted(
  names: readonly string[],
  { id, name: provider }: FoundProvider,
  api: Api,
  output: Output,
): Promise<void> {
  try {
    const { items } = await api.call("POST", `/v1/providers/${id}/discover`, discovered);
    const listed = items.map((item) => item.upstream_model);
    for (const name of names.filter((each) => !listed.includes(each))) {
      const near = nearest(name, listed, SHOWN_NAMES);
      const meant = near.length === 0 ? "" : ` Nearest that it lists: ${near.join(", ")}.`;
      output.note(`${provider} does not list ${name}: calls fail unless it serves it all the same.${meant}`);
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    output.note(`${provider} does not answer as it should yet: ${error.message}`);
  }
}

/** What comes next; the key is the reader's own, which this command does not know. */
function tellUse(slug: string, { name, status }: FoundProvider, api: Api, output: Output): void {
  if (status !== "active") {
    output.note(`the provider ${name} is switched off: it serves nothing until it is active again`);
    return;
  }
  output.note(
    `Try it, with an API key in SCAIGRID_API_KEY:\n\n  ${curlLine(api.url, "$SCAIGRID_API_KEY", slug)}\n`,
  );
}

/** The models with the backends that are there for them. Throws CommandError where the model itself is. */
async function missing(
  asked: readonly { readonly name: string; readonly bodies: ModelBodies }[],
  provider: FoundProvider,
  options: ModelOptions,
  api: Api,
): Promise<Wanted[]> {
  const models = await api.list("/v1/models", model);
  const backends = await api.list("/v1/backends", backend, { provider_id: provider.id });
  const policies = await api.list("/v1/routing-policies", policy);
  return asked.map(({ name, bodies }) => {
    const { slug } = bodies.model;
    if (models.some((each) => each.slug === slug)) {
      throw new CommandError(
        `a model is called ${slug} already: \`${COMMAND} routes explain ${slug}\` tells what serves it; ` +
          "--slug gives this one another name",
      );
    }
    const backendId = backends.find((each) => each.upstream_model === name)?.id;
    if (backendId === undefined) return { bodies, backendId };
    const served = policies.filter(({ targets }) => targets.some((each) => each.backend_id === backendId));
    const slugs = models.filter(({ id }) => served.some((each) => each.model_id === id));
    demandSecondName(name, provider, slugs, backendId, options);
    return { bodies, backendId };
  });
}

/** Throws CommandError where nobody has said that a second name for the same thing is meant, or what that cannot have. */
function demandSecondName(
  name: string,
  provider: FoundProvider,
  served: readonly { readonly slug: string }[],
  backendId: string,
  { slug, inputCost, outputCost }: ModelOptions,
): void {
  if (slug === undefined && served.length > 0) {
    throw new CommandError(
      `${provider.name} serves ${name} already, as ${served.map((each) => each.slug).join(", ")}: ` +
        "--slug makes a second name for it",
    );
  }
  const cost = inputCost === undefined ? outputCost && "--output-cost" : "--input-cost";
  if (cost !== undefined) {
    throw new CommandError(`${cost}: the backend ${backendId} is there already, with costs of its own`);
  }
}
