import type { ReactNode } from "react";
import type { Prices, Provider } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { formatMoney } from "../../lib/format.ts";

/** What is shown of a key: its last characters, or where it is kept. Never the key. */
export function KeyShown({ connection }: { connection: Provider["connection"] }): ReactNode {
  if (connection === undefined) return <span className="text-muted">None</span>;
  const { api_key_last4: last4, api_key_from: from, api_key_found: isFound } = connection;
  if (!isFound) return <Badge tone="bad">{`Nothing at ${from ?? "its place"}`}</Badge>;
  return <code className="font-mono text-xs break-all">{from ?? (last4 === "" ? "set" : `…${last4}`)}</code>;
}

/** Whether a provider or a backend may be called. */
export function ProviderStatus({ status }: { status: Provider["status"] }): ReactNode {
  return status === "active" ? <Badge tone="good">Active</Badge> : <Badge tone="plain">Switched off</Badge>;
}

/** A price or cost of a million tokens, in and out. */
export function PricePair({ prices, isFree }: { prices: Prices | undefined; isFree: boolean }): ReactNode {
  if (isFree) return "Free";
  if (prices === undefined) return <span className="text-muted">Unknown</span>;
  const { input_per_mtok: input, output_per_mtok: output } = prices;
  const shown = [input, output].map((price) => (price === undefined ? "–" : formatMoney(price)));
  return <span className="whitespace-nowrap tabular-nums">{shown.join(" / ")}</span>;
}
