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

/** Nobody is charged for a row that was set aside: what it holds is free. False where it is not on the list. */
export const ABSORB_ROW = `
create function scaigrid_absorb_row(node text, number bigint) returns boolean
language plpgsql as $body$
declare
  request text;
begin
  update quarantined_rows set absorbed_at = (extract(epoch from clock_timestamp()) * 1000)::bigint
    where node_id = node and seq = number and absorbed_at is null returning request_id into request;
  if not found then
    return false;
  end if;
  with gone as (delete from budget_holds where request_id = request returning *) ${moveParts(GONE)};
  return true;
end
$body$`;
