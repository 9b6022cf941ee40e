import type { BackendSeen } from "../../core/estimate.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { fromJson } from "../rows.ts";
import type { Reader } from "../store.ts";
import { build, type Write } from "../write.ts";

type Seen = Omit<BackendSeen, "backendId">;

/** What is known of every backend's tokenizer. */
export async function loadRatios(read: Reader): Promise<BackendSeen[]> {
  const query = read.selectFrom("token_ratios").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages(
    (after) => query.where("id", ">", after).execute(),
    ({ id, seen }) => ({ backendId: id, ...fromJson<Seen>(seen) }),
  );
}

/** Keeps what is known of a backend's tokenizer in place of what was known; nothing where the backend is gone. */
export function keepRatio({ backendId, input, output }: BackendSeen): Write {
  const seen = JSON.stringify({ input, output } satisfies Seen);
  const statement = build
    .insertInto("token_ratios")
    .columns(["id", "seen"])
    .expression((eb) =>
      eb
        .selectFrom("backends")
        .select((each) => ["backends.id", each.val(seen).as("seen")])
        .where("backends.id", "=", backendId),
    )
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ seen }));
  return { statement, about: "token_ratio" };
}

/** Forgets what is known of a backend's tokenizer. */
export function forgetRatio(backendId: string): Write {
  return { statement: build.deleteFrom("token_ratios").where("id", "=", backendId), about: "token_ratio" };
}
