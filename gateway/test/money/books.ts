import { withShell } from "../api/store-shell.ts";
import type { Gateway } from "../harness/gateway.ts";

const UNIT = 1_000_000_000_000n;
const PICO_DIGITS = 12;

/** A decimal amount of the API, to the last digit. */
export function pico(amount: unknown): bigint {
  const [units = "", decimals = ""] = String(amount ?? "0").split(".");
  return BigInt(units + decimals.padEnd(PICO_DIGITS, "0"));
}

/** What a tenant's requests come to, in pico. */
export interface Booked {
  readonly sale: bigint;
  readonly purchase: bigint;
  readonly upstream: bigint;
  readonly absorbed: bigint;
}

/** By the usage of a tenant and by the ledger, as an administrator's shell adds them up. */
export async function booksOf(
  gateway: Pick<Gateway, "dataDir" | "databaseUrl">,
  tenantId: string,
): Promise<{ readonly usage: Booked; readonly ledger: Booked; readonly rolledUp: bigint }> {
  return withShell(gateway, async (store) => {
    const pair = (units: string, rest: string): string =>
      `cast(coalesce(sum(${units}), 0) as bigint) as units, cast(coalesce(sum(${rest}), 0) as bigint) as pico`;
    const amount = async (sql: string, parameters: readonly unknown[]): Promise<bigint> => {
      const [row] = await store.all(sql, parameters);
      return BigInt(String(row?.["units"])) * UNIT + BigInt(String(row?.["pico"]));
    };
    const used = (column: string) =>
      amount(`select ${pair("0", column)} from usage where tenant_id = ?`, [tenantId]);
    const moved = (kind: string) =>
      amount(`select ${pair("units", "pico")} from ledger_movements where tenant_id = ? and kind = ?`, [
        tenantId,
        kind,
      ]);
    return {
      usage: {
        sale: await used("tenant_pico"),
        purchase: await used("partner_pico"),
        upstream: await used("cost_pico"),
        absorbed: await used("absorbed_pico"),
      },
      ledger: {
        sale: await moved("sale"),
        purchase: await moved("purchase"),
        upstream: await moved("upstream"),
        absorbed: await moved("absorbed"),
      },
      rolledUp: await amount(
        `select ${pair("tenant_units", "tenant_pico")} from usage_cells where tenant_id = ? and model_slug <> '' and user_id <> ''`,
        [tenantId],
      ),
    };
  });
}
