import { z } from "zod";
import type { Api } from "./api.ts";
import { COMMAND } from "./called-as.ts";
import { nearest } from "../base/nearest.ts";
import { CommandError } from "./output.ts";

const provider = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  preset: z.string().optional(),
  status: z.string(),
});
/** A provider that is there. */
export type FoundProvider = z.infer<typeof provider>;

/** How a provider may be meant, the surest first; of the first that fits any, one alone must fit. */
const MEANT: readonly ((each: FoundProvider, text: string) => boolean)[] = [
  ({ id }, text) => id === text,
  ({ name }, text) => name === text,
  ({ name }, text) => name.toLowerCase() === text.toLowerCase(),
  ({ type, preset }, text) => (preset ?? type) === text,
];

/**
 * The provider that a person means by its id, its name, or the kind it alone is of. Throws CommandError for a name that
 * none has, and for one that several have.
 */
export async function findProvider(api: Api, text: string): Promise<FoundProvider> {
  const providers = await api.list("/v1/providers", provider);
  for (const fits of MEANT) {
    const [found, ...others] = providers.filter((each) => fits(each, text));
    if (found === undefined) continue;
    if (others.length === 0) return found;
    const each = [found, ...others].map(({ id, name }) => `\n  ${id}  ${name}`).join("");
    throw new CommandError(`${text} may be any of several providers: give the id of one.${each}`);
  }
  const names = providers.map(({ name }) => name);
  const [near] = nearest(text, names, 1);
  throw new CommandError(
    `no provider here is called ${text}${near === undefined ? "." : `: did you mean ${near}?`} ` +
      `\`${COMMAND} providers list\` shows them; \`${COMMAND} providers add\` adds one`,
  );
}
