import { PICO_PER_UNIT } from "../../base/money.ts";
import { SPENT_ADDED } from "./spent.ts";

/** What is set aside, by nodes that are there and by those that were closed in their absence. */
const SET_ASIDE = ["held_pico", "held_tokens", "held_requests"].flatMap((held) => [
  held,
  held.replace("held", "retired"),
]);

const FREED = SET_ASIDE.map((name) => `${name} = budget_windows.${name} - excluded.${name}`).join(", ");

const COLUMNS =
  "budget_id, starts_at, ends_at, spent_units, spent_pico, spent_tokens, spent_requests, " +
  SET_ASIDE.join(", ");

const SUMS = SET_ASIDE.map((name) => `sum(part.${name})${name.endsWith("pico") ? "" : "::bigint"}`).join(
  ", ",
);

/**
 * Moves parts of budgets; `parts` gives them: what was spent, and what is not set aside any more. In order of their ids,
 * as whoever sets aside does.
 */
export function moveParts(parts: string): string {
  return (
    `insert into budget_windows (${COLUMNS}) select part.id, part.start, max(part."end"), ` +
    `div(sum(part.pico), ${PICO_PER_UNIT})::bigint, mod(sum(part.pico), ${PICO_PER_UNIT})::bigint, ` +
    `sum(part.tokens)::bigint, sum(part.requests)::bigint, ${SUMS} ` +
    `from (${parts}) as part join budgets on budgets.id = part.id ` +
    "group by part.id, part.start order by part.id, part.start " +
    `on conflict (budget_id, starts_at) do update set ${SPENT_ADDED}, ${FREED}`
  );
}

const NOTHING_SPENT = "0::bigint as pico, 0::bigint as tokens, 0::bigint as requests";
const NOTHING_FREED = SET_ASIDE.map(
  (name) => `0::${name.endsWith("pico") ? "numeric" : "bigint"} as ${name}`,
);

/** What `gone`, deleted holds, have held. */
export const GONE =
  `select budget_id as id, starts_at as start, null::bigint as "end", ${NOTHING_SPENT}, ` +
  ["pico", "tokens", "requests"]
    .flatMap((name) => [
      `case is_retired when 0 then ${name} else 0 end as held_${name}`,
      `case is_retired when 0 then 0 else ${name} end as retired_${name}`,
    ])
    .join(", ") +
  " from gone";

/** What `gone`, holds of a node that was closed in its absence, are from now on. */
export const RETIRED =
  `select budget_id as id, starts_at as start, null::bigint as "end", ${NOTHING_SPENT}, ` +
  ["pico", "tokens", "requests"]
    .flatMap((name) => [`${name} as held_${name}`, `-${name} as retired_${name}`])
    .join(", ") +
  " from gone";

/**
 * Of the rows of usage that were not there yet (`kept`) what each has spent in which window of which budget; of the
 * holds that are over (`gone`) what they held.
 */
export const SETTLE_BUDGETS = moveParts(
  'select part.id, part.start, part."end", part.pico, part.tokens, part.requests, ' +
    `${NOTHING_FREED.join(", ")} ` +
    "from kept cross join lateral json_to_recordset(kept.budgets::json) " +
    'as part(id text, start bigint, "end" bigint, pico bigint, tokens bigint, requests bigint) ' +
    `where kept.budgets is not null union all ${GONE}`,
);

/**
 * How the last windows of budgets stand: $1 is a JSON list of their ids. Amounts are texts. What is held by nodes that
 * were closed is held all the same.
 */
export const LAST_WINDOWS =
  "select w.budget_id, w.starts_at, w.ends_at, w.spent_units, w.spent_pico, w.spent_tokens, w.spent_requests, " +
  "trunc(w.held_pico + w.retired_pico)::text as held_pico, w.held_tokens + w.retired_tokens as held_tokens, " +
  "w.held_requests + w.retired_requests as held_requests from budget_windows as w " +
  "where w.budget_id in (select json_array_elements_text($1::text::json)) and w.starts_at = " +
  "(select max(l.starts_at) from budget_windows as l where l.budget_id = w.budget_id)";
