import type { Vendor } from "./vendor.ts";

/** An address as its vendor's own console shows it, with the path that calls begin with. */
export function withBasePath(baseUrl: string, { basePath }: Pick<Vendor, "basePath">): string {
  const url = basePath === undefined ? null : URL.parse(baseUrl);
  if (url === null || url.pathname !== "/" || url.search !== "") return baseUrl;
  return `${baseUrl.replace(/\/+$/, "")}${basePath}`;
}

/** A vendor's pattern with these values in their places; undefined where one is missing or cannot be part of an address. */
export function addressOf(
  pattern: string | undefined,
  values: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (pattern === undefined) return undefined;
  let isWhole = true;
  const address = pattern.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = values[name] ?? "";
    if (!/^[\w.:-]+$/.test(value)) isWhole = false;
    return value;
  });
  return isWhole ? address : undefined;
}
