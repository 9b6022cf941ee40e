import { z } from "zod";
import { nearest } from "../base/nearest.ts";
import type { Api, Query } from "./api.ts";
import { COMMAND } from "./called-as.ts";
import { anyItem, type Item, textOf } from "./listing.ts";
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
    const found = theOnly(
      providers.filter((each) => fits(each, text)),
      text,
      ({ id, name }) => `${id}  ${name}`,
    );
    if (found !== undefined) return found;
  }
  const names = providers.map(({ name }) => name);
  const [near] = nearest(text, names, 1);
  throw new CommandError(
    `no provider here is called ${text}${near === undefined ? "." : `: did you mean ${near}?`} ` +
      `\`${COMMAND} providers list\` shows them; \`${COMMAND} providers add\` adds one`,
  );
}

interface Kind {
  readonly path: string;
  /** The fields that people know one of them by; together they name one, or nobody can tell which is meant. */
  readonly called: readonly string[];
  /** What narrows the list to those that may be meant, besides the name. */
  readonly query: Query;
  /** Shows them all. */
  readonly list: string;
}

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["partner", kind("partners", ["slug", "display_name"])],
  ["tenant", kind("tenants", ["slug", "display_name"])],
  ["group", kind("groups", ["name"])],
  ["user", kind("users", ["email", "display_name"])],
  ["api_key", { ...kind("api-keys", ["name"], { scope: "all", status: "active" }), list: "keys list" }],
]);

function kind(plural: string, called: readonly string[], query: Query = {}): Kind {
  return { path: `/v1/${plural}`, called, query, list: `${plural} list` };
}

/** What no name of a person or thing looks like. */
const ID = /^[a-z]+_[0-9A-HJKMNP-TV-Z]{26}$/;

/** Whether this is an id of something, which need not be looked for. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/**
 * The id of what a person names by its id, slug, e-mail address or name; of a kind of which no names are known, what was
 * given. Throws CommandError, which begins with `place`, for a name that none has, and for one that several have.
 */
export async function findId(api: Api, kindName: string, text: string, place: string): Promise<string> {
  const kindOf = KINDS.get(kindName);
  if (kindOf === undefined || isId(text)) return text;
  const { path, called, query, list } = kindOf;
  const items = await api.list(path, anyItem, { ...query, q: text }, { "query.q": place });
  for (const field of called) {
    const found = theOnly(
      items.filter((item) => item[field] === text),
      `${place}: ${text}`,
      (item) => [item["id"], ...called.map((name) => item[name])].map(textOf).join("  "),
    );
    if (found !== undefined) return textOf(found["id"]);
  }
  const what = kindName === "api_key" ? "active key" : kindName;
  throw new CommandError(`${place}: no ${what} here is called ${text}; \`${COMMAND} ${list}\` shows them`);
}

/** The kinds whose ids commands take, by the fields that hold them. */
const KIND_OF_FIELD: Readonly<Record<string, string>> = {
  tenant_id: "tenant",
  partner_id: "partner",
  group_id: "group",
  assigned_user_id: "user",
  user_id: "user",
};

/** The fields with ids in place of names, where these name what has an id. Throws CommandError, as findId does. */
export async function withIds(
  api: Api,
  fields: Item,
  places: Readonly<Record<string, string>>,
): Promise<Item> {
  const found = Object.entries(fields).map(async ([field, value]) => {
    // Of an access rule another field says what kind of thing it is for.
    const kindName = field === "subject_id" ? fields["subject_type"] : KIND_OF_FIELD[field];
    if (typeof kindName !== "string" || typeof value !== "string") return [field, value] as const;
    return [field, await findId(api, kindName, value, places[field] ?? field)] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** Undefined for none. Throws CommandError for several. */
function theOnly<Each>(
  fitting: readonly Each[],
  text: string,
  told: (each: Each) => string,
): Each | undefined {
  const [found, ...others] = fitting;
  if (others.length === 0) return found;
  const lines = fitting.map((each) => `\n  ${told(each)}`).join("");
  throw new CommandError(`${text} may be any of these: give the id of one.${lines}`);
}
