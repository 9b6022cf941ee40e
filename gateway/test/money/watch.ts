import { withDatabase } from "../harness/database.ts";
import { pick } from "../harness/json.ts";

/** What a trigger in the store has seen of all windows of budgets that block. */
export interface Watch {
  /** Holds that were raised. */
  raised(): Promise<number>;
  /** Windows as they were with more spent, retired and held than the limit in force after a hold was raised. */
  breaches(): Promise<readonly unknown[]>;
}

const INSTALL = `
create sequence seen_raised;
create table seen_breaches (window_row jsonb not null);
create function see_hold() returns trigger language plpgsql as $body$
declare
  now_row jsonb := to_jsonb(new);
  before_row jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
  budget budgets;
begin
  if coalesce((now_row ->> 'held_requests')::numeric, 0) <= coalesce((before_row ->> 'held_requests')::numeric, 0) then
    return null;
  end if;
  perform nextval('seen_raised');
  select * into budget from budgets where id = new.budget_id and hard_action = 'block';
  if found and (
    new.spent_units::numeric * 1000000000000 + new.spent_pico + new.held_pico
      + coalesce((now_row ->> 'retired_pico')::numeric, 0) > budget.cost_limit::numeric * 1000000000000
    or new.spent_tokens + new.held_tokens
      + coalesce((now_row ->> 'retired_tokens')::numeric, 0) > budget.token_limit
    or new.spent_requests + new.held_requests
      + coalesce((now_row ->> 'retired_requests')::numeric, 0) > budget.request_limit
  ) then
    insert into seen_breaches values (now_row || jsonb_build_object('limit', budget.cost_limit));
  end if;
  return null;
end
$body$;
create trigger see_hold after insert or update on budget_windows for each row execute function see_hold();
`;

/** Has the store itself look at every window whose holds are raised. */
export async function watchHolds(url: string): Promise<Watch> {
  await withDatabase(url, (database) => database.unsafe(INSTALL).simple());
  const ask = (sql: string): Promise<unknown> => withDatabase(url, (database) => database.unsafe(sql));
  return {
    async raised() {
      return Number(pick(await ask("select last_value::int as count from seen_raised"), "0.count"));
    },
    async breaches() {
      const rows = await ask("select window_row from seen_breaches limit 5");
      return Array.isArray(rows) ? [...rows] : [];
    },
  };
}
