import { z } from "zod";

/** One model that an upstream says it has. */
export interface UpstreamModel {
  readonly id: string;
  /** Ollama's word for the architecture, which tells embedding models. */
  readonly family?: string;
}

/** Google's names say what they name and whose it is; its paths take the last part. */
const GOOGLE_PREFIX = /^(?:publishers\/google\/)?models\//;

const named = z.object({ id: z.string() }).transform(({ id }): UpstreamModel => ({ id }));
const ollama = z
  .object({ name: z.string(), details: z.object({ family: z.string().optional() }).nullish() })
  .transform(({ name, details }): UpstreamModel => {
    const family = details?.family;
    return { id: name.replace(GOOGLE_PREFIX, ""), ...(family !== undefined && { family }) };
  });
const published = z
  .object({ name: z.string() })
  .transform(({ name }): UpstreamModel => ({ id: name.replace(GOOGLE_PREFIX, "") }));
const bedrock = z
  .object({ modelId: z.string() })
  .transform(({ modelId }): UpstreamModel => ({ id: modelId }));

const profile = z
  .object({ inferenceProfileId: z.string() })
  .transform(({ inferenceProfileId }): UpstreamModel => ({ id: inferenceProfileId }));

/** The member that holds the list, and what an item of it is: OpenAI, Gemini and Ollama, Vertex AI, Bedrock. */
const FORMS: readonly (readonly [string, z.ZodType<UpstreamModel>])[] = [
  ["data", named],
  ["models", z.union([named, ollama])],
  ["publisherModels", published],
  ["modelSummaries", bedrock],
  ["inferenceProfileSummaries", profile],
];

/** The items of a list of models, undefined for one that is none; undefined where the answer is no such list. */
export function listedModels(body: unknown): readonly (UpstreamModel | undefined)[] | undefined {
  for (const [member, item] of FORMS) {
    const list = z.object({ [member]: z.array(z.unknown()) }).safeParse(body).data?.[member];
    if (list !== undefined) return list.map((entry) => item.safeParse(entry).data);
  }
  return undefined;
}
