import { GONE, moveParts, RETIRED } from "../budgets/shared-statements.ts";

/** The clock of the store, epoch milliseconds. */
const NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint";
/** The turn of a node that is closed: no statement of its own comes after it. */
export const LAST_TURN = 9_223_372_036_854_775_807n;
/** Nodes that were heard so long before a start of the server are waited for. */
const AWAITED_MS = 60_000;
/** The longest they are. */
const WAIT_MS_MAX = 10_000;
/** So long even where all that are known have told: one that the server has forgotten comes with its next heartbeat. */
const WAIT_MS_MIN = 1_500;

/**
 * The present start of the server: one that was not seen before is noted. Asked before anything else moves \`heard_at\`:
 * who was heard shortly before is told by that.
 */
export const STORE_START = `
create function scaigrid_store_start() returns store_starts
language plpgsql as $body$
declare
  timeline text := '';
  this text;
  found_row store_starts;
begin
  begin
    timeline := substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8);
  exception when others then
    -- A server that shows no log of its own is known by its start alone.
    timeline := '';
  end;
  this := (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint || '-' || timeline;
  select * into found_row from store_starts where id = this;
  if found then
    return found_row;
  end if;
  insert into store_starts (id, seen_at, since, open_at)
  values (this, ${NOW}, coalesce((select max(heard_at) from nodes where closed_at is null), ${NOW}) - ${AWAITED_MS}, null)
  on conflict do nothing;
  select * into found_row from store_starts where id = this;
  return found_row;
end
$body$`;

/**
 * Whether budgets that block take requests: not after a start of the server until every node that was heard in the
 * minute before has told what it has settled and holds, or ten seconds have passed.
 */
export const ADMITS = `
create function scaigrid_admits() returns boolean
language plpgsql as $body$
declare
  start store_starts := scaigrid_store_start();
  now_ms bigint := ${NOW};
begin
  if start.open_at is not null then
    return true;
  end if;
  if now_ms < start.seen_at + ${WAIT_MS_MAX} and (
    now_ms < start.seen_at + ${WAIT_MS_MIN}
    or exists (
      select 1 from nodes where closed_at is null and heard_at >= start.since
        and id not in (select node_id from store_start_acks where start_id = start.id))
  ) then
    return false;
  end if;
  update store_starts set open_at = now_ms where id = start.id and open_at is null;
  return true;
end
$body$`;

/**
 * Makes a node known; one that is known already stays as it is. How far its journal has been taken: also before the node
 * was forgotten, since what it sent then may have been deleted, and must not be booked again.
 */
export const REGISTER_NODE = `
create function scaigrid_register_node(node text, started bigint, version text, host text, mode text) returns bigint
language plpgsql as $body$
declare
  seq bigint;
begin
  perform scaigrid_store_start();
  insert into nodes (id, started_at, version, host, mode, heard_at, flushed_at, last_seq)
  values (node, started, version, host, mode, ${NOW}, started,
    coalesce((select f.last_seq from forgotten_nodes as f where f.id = node), 0)) on conflict do nothing;
  insert into node_turns (node_id, number)
  select id, case when closed_at is null then 0 else ${LAST_TURN} end from nodes where id = node
  on conflict do nothing;
  select last_seq into seq from nodes where id = node;
  return seq;
end
$body$`;

/** A sign of life, and what is to be told of the server and of the nodes that have given one within \`silent\` ms. */
export const BEAT = `
create function scaigrid_beat(node text, flushed bigint, silent bigint) returns jsonb
language plpgsql as $body$
declare
  start store_starts := scaigrid_store_start();
  closed bigint;
  known boolean;
begin
  update nodes set heard_at = ${NOW}, flushed_at = flushed, lost_at = null where id = node
    returning closed_at into closed;
  known := found;
  return jsonb_build_object('known', known, 'closed', closed is not null, 'start', start.id,
    'aside', (select count(*) from quarantined_rows where absorbed_at is null), 'others', (
    select coalesce(jsonb_agg(jsonb_build_array(id, flushed_at) order by id), '[]') from nodes
    where id <> node and closed_at is null and heard_at > ${NOW} - silent));
end
$body$`;

/** Holds of a node that stay when it is closed: of settlements that are set aside, until somebody decides on those. */
const QUARANTINED =
  "select 1 from quarantined_rows as q where q.node_id = h.node_id and q.request_id = h.request_id and q.absorbed_at is null";

/**
 * The node has ended and its journal is in the store: what it still holds it holds for nobody. Each statement sees what
 * was set aside before the node's turn came to its end.
 */
export const CLOSE_NODE = `
create function scaigrid_close_node(node text) returns void
language plpgsql as $body$
begin
  update node_turns set number = ${LAST_TURN} where node_id = node;
  update nodes set closed_at = coalesce(closed_at, ${NOW}) where id = node;
  with gone as (
    delete from budget_holds as h where h.node_id = node and not exists (${QUARANTINED}) returning h.*
  ) ${moveParts(GONE)};
end
$body$`;

/** What a node that is closed in its absence holds is counted under \`retired\`. The number of its holds. */
export const RETIRE_HOLDS = `
create function scaigrid_retire_holds(node text) returns bigint
language plpgsql as $body$
declare
  count bigint;
begin
  select count(*) into count from budget_holds where node_id = node and is_retired = 0;
  with gone as (
    update budget_holds set is_retired = 1 where node_id = node and is_retired = 0 returning *
  ) ${moveParts(RETIRED)};
  return count;
end
$body$`;

/** What a node that was closed in its absence holds is free: it is gone for good. The number of its holds. */
export const FORGIVE_HOLDS = `
create function scaigrid_forgive_holds(node text) returns bigint
language plpgsql as $body$
declare
  before_count bigint;
begin
  select count(*) into before_count from budget_holds as h where h.node_id = node and not exists (${QUARANTINED});
  with gone as (
    delete from budget_holds as h where h.node_id = node and not exists (${QUARANTINED}) returning h.*
  ) ${moveParts(GONE)};
  return before_count;
end
$body$`;
