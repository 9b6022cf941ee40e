import { z } from "zod";
import type { Settings } from "../core/tenancy.ts";
import { ApiError } from "../errors.ts";

const SETTINGS_MAX = 50;
const SETTING_CHARS = 2_000;

/** The slug of a partner or a tenant: a part of the slugs of its models. */
export const levelSlug = z
  .string("must be a text")
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be 1 to 63 lower-case letters, digits and inner hyphens",
  );

export const status = z.enum(["active", "suspended"]);

/** An IANA time zone, in the spelling of the zone database. */
export const timeZone = z
  .string("must be a text")
  .max(64, "must have at most 64 characters")
  .transform((name, context) => {
    const known = zoneNamed(name);
    if (known !== undefined) return known;
    context.addIssue({ code: "custom", message: "must be an IANA time zone such as Europe/Amsterdam" });
    return z.NEVER;
  });

function zoneNamed(name: string): string | undefined {
  // Offsets such as +01:00 are zones to the runtime too, but days that roll in one know no summer time.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    const { timeZone: found } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return found.toLowerCase() === name.toLowerCase() ? found : name;
  } catch {
    return undefined;
  }
}

const setting = z.union([
  z.string().max(SETTING_CHARS, `must have at most ${SETTING_CHARS} characters`),
  z.number(),
  z.boolean(),
]);
const settingName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "names are letters, digits, _ . and -");

/** Settings as answers tell them. */
export const settings = z.record(settingName, setting);
/** Settings as a change gives them: null removes one, those that are not named stay. */
export const settingsChange = z
  .record(settingName, setting.nullable())
  .describe("Facts to keep with it; in an update `null` removes one and the others stay.");

/** The settings after a change. Throws ApiError VALIDATION_ERROR where there would be too many. */
export function changedSettings(
  former: Settings,
  change: Readonly<Record<string, string | number | boolean | null>>,
): Settings {
  const next = new Map<string, string | number | boolean>(Object.entries(former));
  for (const [name, value] of Object.entries(change)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  if (next.size > SETTINGS_MAX) {
    throw new ApiError("VALIDATION_ERROR", undefined, {
      details: [{ field: "settings", message: `must have at most ${SETTINGS_MAX} entries` }],
    });
  }
  return Object.fromEntries(next);
}
