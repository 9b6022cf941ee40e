import { LOST_MS } from "../nodes/nodes.ts";
import { GONE, moveParts } from "./shared-statements.ts";

/** The clock of the store, epoch milliseconds. */
const NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

/**
 * What nodes that are lost, closed or forgotten hold in a window, who they are, and what of it the window still counts
 * under \`held\`.
 */
export const AWAY = `
create function scaigrid_away(budget text, starts bigint) returns jsonb
language sql as $body$
  select jsonb_build_object(
    'all', jsonb_build_array(coalesce(sum(h.pico), 0)::text, coalesce(sum(h.tokens), 0), coalesce(sum(h.requests), 0)),
    'held', jsonb_build_array(
      coalesce(sum(h.pico) filter (where h.is_retired = 0), 0)::text,
      coalesce(sum(h.tokens) filter (where h.is_retired = 0), 0),
      coalesce(sum(h.requests) filter (where h.is_retired = 0), 0)),
    'nodes', coalesce(jsonb_agg(distinct h.node_id), '[]'))
  from budget_holds as h left join nodes as n on n.id = h.node_id
  where h.budget_id = budget and h.starts_at = starts
    and (n.id is null or n.closed_at is not null or n.heard_at < ${NOW} - ${LOST_MS})
$body$`;

/** Whether anything is held that will not come back by itself. */
const SOMEBODY_IS_AWAY =
  `exists (select 1 from nodes where retired_at is not null or (closed_at is null and heard_at < ${NOW} - ${LOST_MS})) ` +
  "or exists (select 1 from quarantined_rows where absorbed_at is null)";

/**
 * Sets aside what requests need, in their order: each in all of its budgets or in none, against the limits in force now.
 * \`asked\`: [{"id", "force", "wants": [{"budget", "zone", "pico", "tokens", "requests"}]}]. Null where the node is closed
 * or not known, or has sent a statement of a later \`turn\`; the text "waits" while nodes tell a server that has begun
 * anew what they hold. What is forced is set aside whatever is left, unless it was admitted (\`at\`) in a former window.
 */
export const HOLD_BUDGETS_IN_TURN = `
create function scaigrid_hold_budgets(node text, turn bigint, asked jsonb) returns jsonb
language plpgsql as $body$
declare
  request jsonb;
  want jsonb;
  budget budgets;
  open_row budget_windows;
  spent numeric;
  limit_pico numeric;
  states jsonb;
  takes boolean;
  somebody_is_away boolean;
  away jsonb := '{}';
  answers jsonb := '[]';
begin
  update node_turns set number = turn where node_id = node and number < turn;
  if not found then
    return null;
  end if;
  if not scaigrid_admits() then
    return to_jsonb('waits'::text);
  end if;
  -- In order of their ids, as whoever settles does: nobody waits for one who waits for them.
  for want in
    select distinct on (w ->> 'budget') w
    from jsonb_array_elements(asked) as r, jsonb_array_elements(r -> 'wants') as w order by w ->> 'budget'
  loop
    select * into budget from budgets where id = want ->> 'budget' for update;
    continue when not found;
    perform scaigrid_budget_window(budget.id, budget.period, want ->> 'zone');
  end loop;
  for request in select * from jsonb_array_elements(asked) loop
    states := '[]';
    takes := true;
    for want in select * from jsonb_array_elements(request -> 'wants') loop
      select * into budget from budgets where id = want ->> 'budget';
      continue when not found;
      open_row := scaigrid_budget_window(budget.id, budget.period, want ->> 'zone');
      spent := open_row.spent_units::numeric * 1000000000000 + open_row.spent_pico;
      limit_pico := budget.cost_limit::numeric * 1000000000000;
      if (request ->> 'force')::boolean then
        takes := takes and (request ->> 'at')::bigint >= open_row.starts_at;
      elsif budget.hard_action = 'block' and (
        spent + open_row.retired_pico + open_row.held_pico + (want ->> 'pico')::numeric > limit_pico
        or open_row.spent_tokens + open_row.retired_tokens + open_row.held_tokens
          + (want ->> 'tokens')::bigint > budget.token_limit
        or open_row.spent_requests + open_row.retired_requests + open_row.held_requests
          + (want ->> 'requests')::bigint > budget.request_limit
      ) then
        takes := false;
        somebody_is_away := coalesce(somebody_is_away, ${SOMEBODY_IS_AWAY});
        if somebody_is_away and not away ? budget.id then
          away := away || jsonb_build_object(budget.id, scaigrid_away(budget.id, open_row.starts_at));
        end if;
      end if;
      states := states || jsonb_build_object(
        'budget', budget.id, 'start', open_row.starts_at, 'end', open_row.ends_at,
        'spent', jsonb_build_array(trunc(spent)::text, open_row.spent_tokens, open_row.spent_requests),
        'held', jsonb_build_array(trunc(open_row.held_pico)::text, open_row.held_tokens, open_row.held_requests),
        'away', away -> budget.id,
        'limits', jsonb_build_array(trunc(limit_pico)::text, budget.token_limit, budget.request_limit));
    end loop;
    if takes then
      for want in select * from jsonb_array_elements(request -> 'wants') loop
        select w.* into open_row from budget_windows as w
          where w.budget_id = want ->> 'budget' order by w.starts_at desc limit 1;
        continue when not found;
        insert into budget_holds (request_id, budget_id, node_id, starts_at, pico, tokens, requests)
        values (request ->> 'id', open_row.budget_id, node, open_row.starts_at,
          (want ->> 'pico')::bigint, (want ->> 'tokens')::bigint, (want ->> 'requests')::bigint)
        on conflict do nothing;
        continue when not found;
        update budget_windows set held_pico = held_pico + (want ->> 'pico')::numeric,
          held_tokens = held_tokens + (want ->> 'tokens')::bigint,
          held_requests = held_requests + (want ->> 'requests')::bigint
        where budget_id = open_row.budget_id and starts_at = open_row.starts_at;
      end loop;
    end if;
    answers := answers || jsonb_build_object('id', request ->> 'id', 'takes', takes, 'states', states);
  end loop;
  return answers;
end
$body$`;

/**
 * Gives back what requests of a node hold, each in one budget or in all: \`freed\` is [{"id", "budget"?}]. False where
 * \`scaigrid_hold_budgets\` would give null.
 */
export const FREE_HOLDS = `
create function scaigrid_free_holds(node text, turn bigint, freed jsonb) returns boolean
language plpgsql as $body$
begin
  update node_turns set number = turn where node_id = node and number < turn;
  if not found then
    return false;
  end if;
  with gone as (
    delete from budget_holds as h using jsonb_to_recordset(freed) as f(id text, budget text)
    where h.node_id = node and h.request_id = f.id and (f.budget is null or h.budget_id = f.budget)
    returning h.*
  ) ${moveParts(GONE)};
  return true;
end
$body$`;

/**
 * Tells a server that has begun anew (\`start\`) what requests in flight on a node hold, whatever is left: \`held\` is
 * [{"request", "budget", "start", "end"?, "pico", "tokens", "requests"}]. What is there already, or has settled, stays as
 * it is; what the node holds beside that is free. False where the server is another one by now, or does not know the node.
 */
export const REASSERT_HOLDS = `
create function scaigrid_reassert_holds(node text, start text, held jsonb) returns boolean
language plpgsql as $body$
declare
  current_start store_starts := scaigrid_store_start();
  retired bigint;
begin
  if current_start.id <> start then
    return false;
  end if;
  -- After settlements of the node that are on their way: what they have booked is seen below.
  select case when closed_at is null then 0 else 1 end into retired from nodes where id = node for no key update;
  if not found then
    return false;
  end if;
  -- What the server has lost may have been that a request was given up: its node knows nothing of it any more.
  if current_start.open_at is null then
    with gone as (
      delete from budget_holds as h where h.node_id = node
        and not exists (select 1 from jsonb_to_recordset(held) as a(request text, budget text)
          where a.request = h.request_id and a.budget = h.budget_id)
        and not exists (select 1 from quarantined_rows as q
          where q.node_id = node and q.request_id = h.request_id and q.absorbed_at is null)
      returning h.*
    ) ${moveParts(GONE)};
  end if;
  with asked as (
    select h.* from jsonb_to_recordset(held)
      as h(request text, budget text, start bigint, "end" bigint, pico bigint, tokens bigint, requests bigint)
    join budgets on budgets.id = h.budget
    where not exists (select 1 from usage where usage.id = 'usage_' || substr(h.request, 5))
  ), asserted as (
    insert into budget_holds (request_id, budget_id, node_id, starts_at, pico, tokens, requests, is_retired)
    select request, budget, node, asked.start, pico, tokens, requests, retired from asked
    on conflict do nothing returning *
  )
  insert into budget_windows (budget_id, starts_at, ends_at, spent_units, spent_pico, spent_tokens, spent_requests,
    held_pico, held_tokens, held_requests, retired_pico, retired_tokens, retired_requests)
  select a.budget_id, a.starts_at, max(asked."end"), 0, 0, 0, 0,
    (1 - retired) * sum(a.pico), (1 - retired) * sum(a.tokens), (1 - retired) * sum(a.requests),
    retired * sum(a.pico), retired * sum(a.tokens), retired * sum(a.requests)
  from asserted as a join asked on asked.request = a.request_id and asked.budget = a.budget_id
  group by a.budget_id, a.starts_at order by a.budget_id, a.starts_at
  on conflict (budget_id, starts_at) do update set
    held_pico = budget_windows.held_pico + excluded.held_pico,
    held_tokens = budget_windows.held_tokens + excluded.held_tokens,
    held_requests = budget_windows.held_requests + excluded.held_requests,
    retired_pico = budget_windows.retired_pico + excluded.retired_pico,
    retired_tokens = budget_windows.retired_tokens + excluded.retired_tokens,
    retired_requests = budget_windows.retired_requests + excluded.retired_requests;
  insert into store_start_acks (start_id, node_id) values (start, node) on conflict do nothing;
  return true;
end
$body$`;
