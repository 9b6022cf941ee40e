import { z } from "zod";
import { KNOWN_VENDORS, vendorName } from "../../providers/catalogue.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { decodeCursor, encodeCursor } from "../paging.ts";
import { presetView, viewPreset } from "./preset-view.ts";

export const listPresets = adminEndpoint({
  method: "GET",
  path: "/v1/provider-presets",
  access: "platform:manage",
  tag: "Providers",
  summary: "Providers that can be added by name, in the order they are offered",
  costBearing: false,
  query: z.strictObject(pageQuery),
  response: presetView,
  list: true,
  async handle({ query }, deps) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, /^[a-z0-9]{1,40}$/);
    // An unknown name is before the first.
    const start = KNOWN_VENDORS.findIndex((vendor) => vendorName(vendor) === after) + 1;
    const shown = KNOWN_VENDORS.slice(start, start + query.limit);
    const last = shown.at(-1);
    const catalogue = await deps.catalogue();
    const items = shown.map((vendor) => viewPreset(vendor, catalogue));
    return last === undefined || start + shown.length >= KNOWN_VENDORS.length
      ? { kind: "page", page: { items } }
      : { kind: "page", page: { items, nextCursor: encodeCursor(vendorName(last)) } };
  },
});
