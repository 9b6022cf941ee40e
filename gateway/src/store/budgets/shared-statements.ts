import { PICO_PER_UNIT } from "../../base/money.ts";
import { SPENT_ADDED } from "./spent.ts";

const HELD_FREED =
  "held_pico = budget_windows.held_pico - excluded.held_pico, " +
  "held_tokens = budget_windows.held_tokens - excluded.held_tokens, " +
  "held_requests = budget_windows.held_requests - excluded.held_requests";

const COLUMNS =
  "budget_id, starts_at, ends_at, spent_units, spent_pico, spent_tokens, spent_requests, " +
  "held_pico, held_tokens, held_requests";

/** Moves parts of budgets; `parts` gives them. In order of their ids, as whoever sets aside does. */
function moveParts(parts: string): string {
  return (
    `insert into budget_windows (${COLUMNS}) select part.id, part.start, max(part."end"), ` +
    `div(sum(part.pico), ${PICO_PER_UNIT})::bigint, mod(sum(part.pico), ${PICO_PER_UNIT})::bigint, ` +
    "sum(part.tokens)::bigint, sum(part.requests)::bigint, " +
    "sum(part.held_pico), sum(part.held_tokens)::bigint, sum(part.held_requests)::bigint " +
    `from (${parts}) as part join budgets on budgets.id = part.id ` +
    "group by part.id, part.start order by part.id, part.start " +
    `on conflict (budget_id, starts_at) do update set ${SPENT_ADDED}, ${HELD_FREED}`
  );
}

/** What `gone`, deleted holds, have held. */
const GONE =
  'select budget_id as id, starts_at as start, null::bigint as "end", 0::bigint as pico, 0::bigint as tokens, ' +
  "0::bigint as requests, pico::numeric as held_pico, tokens as held_tokens, requests as held_requests from gone";

/**
 * Of the rows of usage that were not there yet (`kept`) what each has spent in which window of which budget; of the
 * holds that are over (`gone`) what they held.
 */
export const SETTLE_BUDGETS = moveParts(
  'select part.id, part.start, part."end", part.pico, part.tokens, part.requests, ' +
    "0::numeric as held_pico, 0::bigint as held_tokens, 0::bigint as held_requests " +
    "from kept cross join lateral json_to_recordset(kept.budgets::json) " +
    'as part(id text, start bigint, "end" bigint, pico bigint, tokens bigint, requests bigint) ' +
    `where kept.budgets is not null union all ${GONE}`,
);

/** Gives back what requests hold: $1 is a JSON list of their ids, $2 a budget or null for all. */
export const FREE_REQUESTS =
  "with gone as (delete from budget_holds where request_id in (select json_array_elements_text($1::text::json)) " +
  `and ($2::text is null or budget_id = $2) returning *), freed as (${moveParts(GONE)}) select 1`;

/** Gives back what a node holds. */
export const FREE_OF_NODE = `with gone as (delete from budget_holds where node_id = $1 returning *), freed as (${moveParts(GONE)}) select 1`;

/** How the last windows of budgets stand: $1 is a JSON list of their ids. Amounts are texts. */
export const LAST_WINDOWS =
  "select w.budget_id, w.starts_at, w.ends_at, w.spent_units, w.spent_pico, w.spent_tokens, w.spent_requests, " +
  "trunc(w.held_pico)::text as held_pico, w.held_tokens, w.held_requests from budget_windows as w " +
  "where w.budget_id in (select json_array_elements_text($1::text::json)) and w.starts_at = " +
  "(select max(l.starts_at) from budget_windows as l where l.budget_id = w.budget_id)";
