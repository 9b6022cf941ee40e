/**
 * The running window of a budget by the clock of the store, opened if need be. Whoever calls it has the budget's row
 * locked. A week begins on Monday; a day at the first instant the time zone has of it.
 */
export const OPEN_WINDOW = `
create function scaigrid_budget_window(budget text, period text, zone text) returns budget_windows
language plpgsql as $body$
declare
  now_ms bigint := (extract(epoch from clock_timestamp()) * 1000)::bigint;
  found_row budget_windows;
  unit text := case period when 'daily' then 'day' when 'weekly' then 'week' else 'month' end;
  local timestamp;
  starts bigint := 0;
  ends bigint;
begin
  select * into found_row from budget_windows where budget_id = budget order by starts_at desc limit 1 for update;
  if found and (found_row.ends_at is null or found_row.ends_at > now_ms) then
    return found_row;
  end if;
  if period <> 'total' then
    local := date_trunc(unit, to_timestamp(now_ms / 1000.0) at time zone zone);
    starts := (extract(epoch from local at time zone zone) * 1000)::bigint;
    ends := (extract(epoch from (local + ('1 ' || unit)::interval) at time zone zone) * 1000)::bigint;
    starts := greatest(starts, coalesce(found_row.ends_at, starts));
  end if;
  insert into budget_windows (budget_id, starts_at, ends_at, spent_units, spent_pico, spent_tokens, spent_requests)
  values (budget, starts, ends, 0, 0, 0, 0) returning * into found_row;
  return found_row;
end
$body$`;

/**
 * Sets aside what requests need, in their order: each in all of its budgets or in none, against the limits in force now.
 * \`asked\`: [{"id", "force", "wants": [{"budget", "zone", "pico", "tokens", "requests"}]}]. Null for a node that is
 * closed or not known. What is forced is set aside whatever is left, unless it was admitted (\`at\`) in a former window.
 */
export const HOLD_BUDGETS = `
create function scaigrid_hold_budgets(node text, asked jsonb) returns jsonb
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
  answers jsonb := '[]';
begin
  perform 1 from nodes where id = node and closed_at is null for key share;
  if not found then
    return null;
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
        spent + open_row.held_pico + (want ->> 'pico')::numeric > limit_pico
        or open_row.spent_tokens + open_row.held_tokens + (want ->> 'tokens')::bigint > budget.token_limit
        or open_row.spent_requests + open_row.held_requests + (want ->> 'requests')::bigint > budget.request_limit
      ) then
        takes := false;
      end if;
      states := states || jsonb_build_object(
        'budget', budget.id, 'start', open_row.starts_at, 'end', open_row.ends_at,
        'spent', jsonb_build_array(trunc(spent)::text, open_row.spent_tokens, open_row.spent_requests),
        'held', jsonb_build_array(trunc(open_row.held_pico)::text, open_row.held_tokens, open_row.held_requests),
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
