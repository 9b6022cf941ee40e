import { GONE, moveParts, SETTLE_BUDGETS } from "../budgets/shared-statements.ts";

/**
 * Books a row that was set aside as its flush would have, and takes it off the list: false where it is not on it. Raises
 * what the server still finds wrong with it.
 */
export const BOOK_ROW = `
create function scaigrid_book_row(node text, number bigint) returns boolean
language plpgsql as $body$
declare
  aside quarantined_rows;
  columns text;
begin
  select * into aside from quarantined_rows where node_id = node and seq = number and absorbed_at is null for update;
  if not found then
    return false;
  end if;
  select string_agg(quote_ident(key), ', ') into columns from json_object_keys(aside.body::json) as key;
  execute 'with kept as (insert into usage (' || columns || ', seq) select ' || columns || $sql$,
      nextval('usage_seq') from json_populate_record(null::usage, $1::json) on conflict do nothing returning budgets),
    gone as (delete from budget_holds where request_id = $1::json ->> 'request_id' returning *),
    moved as (${SETTLE_BUDGETS}) select 1$sql$ using aside.body;
  delete from quarantined_rows where node_id = node and seq = number;
  return true;
end
$body$`;

/** A whole number of a row that may be damaged: 0 where it is none. */
export const WHOLE_NUMBER = `
create function scaigrid_whole_number(value text) returns bigint
language sql immutable as $body$
  select case when value ~ '^[0-9]{1,19}$' then least(value::numeric, 9223372036854775807)::bigint else 0 end
$body$`;

const whole = (name: string): string => `scaigrid_whole_number(found_row ->> '${name}')`;
const text = (name: string): string => `found_row ->> '${name}'`;
const flag = (name: string): string => `least(${whole(name)}, 1)`;

/**
 * What can be read of a row that was set aside becomes a settlement that nobody pays: what it would have cost is absorbed,
 * what the provider charges stays. So it is booked like any other. Of a row that does not say whose it is there is nothing
 * to book.
 */
export const BOOK_ABSORBED = `
create function scaigrid_book_absorbed(aside quarantined_rows) returns void
language plpgsql as $body$
declare
  found_row json;
  buckets json;
begin
  found_row := aside.body::json;
  begin
    buckets := (${text("buckets")})::json;
    if json_typeof(buckets) <> 'object' then
      buckets := null;
    end if;
  exception when data_exception then
    buckets := null;
  end;
  insert into usage (id, request_id, partner_id, tenant_id, user_id, api_key_id, model_id, model_slug, backend_id, status,
    stream, tokens_in, tokens_out, buckets, estimated, delivered, cost_pico, partner_pico, tenant_pico, bound_pico,
    absorbed_pico, price_version_id, partner_price_id, cost_version_id, latency_ms, error_code, created_at, settled_at)
  values ('usage_' || substr(aside.request_id, 5), aside.request_id, ${text("partner_id")}, ${text("tenant_id")},
    coalesce(${text("user_id")}, ''), coalesce(${text("api_key_id")}, ''), coalesce(${text("model_id")}, ''),
    coalesce(${text("model_slug")}, ''), coalesce(${text("backend_id")}, ''),
    case when ${text("status")} in ('completed', 'client_gone', 'interrupted') then ${text("status")} else 'failed' end,
    ${flag("stream")}, ${whole("tokens_in")}, ${whole("tokens_out")}, coalesce(buckets, '{}')::text, ${flag("estimated")},
    ${flag("delivered")}, ${whole("cost_pico")}, 0, 0, ${whole("bound_pico")},
    least(${whole("tenant_pico")}::numeric + ${whole("absorbed_pico")}, 9223372036854775807)::bigint,
    ${text("price_version_id")}, ${text("partner_price_id")}, ${text("cost_version_id")}, ${whole("latency_ms")},
    ${text("error_code")}, coalesce(nullif(${whole("created_at")}, 0), aside.at),
    coalesce(nullif(${whole("settled_at")}, 0), aside.at))
  on conflict do nothing;
exception when data_exception or integrity_constraint_violation then
  return;
end
$body$`;

/**
 * Nobody is charged for a row that was set aside: what it would have cost is booked as absorbed, as far as it can be read,
 * and what it holds is free. False where it is not on the list.
 */
export const ABSORB_ROW = `
create function scaigrid_absorb_row(node text, number bigint) returns boolean
language plpgsql as $body$
declare
  aside quarantined_rows;
begin
  update quarantined_rows set absorbed_at = (extract(epoch from clock_timestamp()) * 1000)::bigint
    where node_id = node and seq = number and absorbed_at is null returning * into aside;
  if not found then
    return false;
  end if;
  perform scaigrid_book_absorbed(aside);
  with gone as (delete from budget_holds where request_id = aside.request_id returning *) ${moveParts(GONE)};
  return true;
end
$body$`;
