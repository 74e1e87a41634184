-- What each day's paid calls come to, by all that the cost pages ask for. The statement that books a call adds to it, so that it agrees with usage at every
-- moment, whenever a call is booked and whatever day it counts in. It knows no person and no conversation, and stays when usage is thrown away.
create table usage_days (
  tenant_id uuid not null references tenants (id) on delete cascade,
  day date not null,                         -- UTC
  service text not null,
  provider text not null,
  model text not null,
  feature text not null,
  assistant_id uuid not null,                -- all zeros: none
  tier text not null,                        -- '': none
  calls bigint not null,
  unsettled_calls bigint not null,           -- of them: those whose bill is not known
  input_tokens bigint not null,
  output_tokens bigint not null,
  cached_tokens bigint not null,
  cache_write_tokens bigint not null,
  units numeric(20, 9) not null,
  cost numeric(20, 9) not null,
  unsettled_cost numeric(20, 9) not null,
  -- Only calls whose bill is known and whose other price is, too: how many, what they cost, what they would have cost.
  large_calls bigint not null,
  large_paid numeric(20, 9) not null,
  large_cost numeric(20, 9) not null,
  uncached_calls bigint not null,
  uncached_paid numeric(20, 9) not null,
  uncached_cost numeric(20, 9) not null,
  primary key (tenant_id, day, service, provider, model, feature, assistant_id, tier)
);
call tenant_table('usage_days', 'select, insert, update');
create index usage_days_day on usage_days (day);

create function usage_booked() returns trigger language plpgsql set search_path = public, pg_temp
as $$
begin
  insert into usage_days as d (tenant_id, day, service, provider, model, feature, assistant_id, tier, calls, unsettled_calls, input_tokens, output_tokens, cached_tokens,
    cache_write_tokens, units, cost, unsettled_cost, large_calls, large_paid, large_cost, uncached_calls, uncached_paid, uncached_cost)
  values (new.tenant_id, (new.at at time zone 'UTC')::date, new.service, new.provider, new.model, new.feature, coalesce(new.assistant_id, '00000000-0000-0000-0000-000000000000'), coalesce(new.tier, ''),
    1, (not new.settled)::int, new.input_tokens, new.output_tokens, new.cached_tokens, new.cache_write_tokens, new.units, new.cost,
    case when new.settled then 0 else new.cost end,
    (new.settled and new.cost_large is not null)::int, case when new.settled and new.cost_large is not null then new.cost else 0 end, case when new.settled then coalesce(new.cost_large, 0) else 0 end,
    (new.settled and new.cost_uncached is not null)::int, case when new.settled and new.cost_uncached is not null then new.cost else 0 end, case when new.settled then coalesce(new.cost_uncached, 0) else 0 end)
  on conflict (tenant_id, day, service, provider, model, feature, assistant_id, tier) do update set
    calls = d.calls + excluded.calls, unsettled_calls = d.unsettled_calls + excluded.unsettled_calls,
    input_tokens = d.input_tokens + excluded.input_tokens, output_tokens = d.output_tokens + excluded.output_tokens,
    cached_tokens = d.cached_tokens + excluded.cached_tokens, cache_write_tokens = d.cache_write_tokens + excluded.cache_write_tokens,
    units = d.units + excluded.units, cost = d.cost + excluded.cost, unsettled_cost = d.unsettled_cost + excluded.unsettled_cost,
    large_calls = d.large_calls + excluded.large_calls, large_paid = d.large_paid + excluded.large_paid, large_cost = d.large_cost + excluded.large_cost,
    uncached_calls = d.uncached_calls + excluded.uncached_calls, uncached_paid = d.uncached_paid + excluded.uncached_paid, uncached_cost = d.uncached_cost + excluded.uncached_cost;
  return null;
end $$;
revoke all on function usage_booked() from public;

-- What was booked before there was such a table. As the definer: row level security hides it from the owner.
lock table usage in share row exclusive mode;
-- Row by row: a statement books one call, and summing a set of one takes five times as long.
create trigger usage_booked after insert on usage for each row execute function usage_booked();
set local role {definer};
insert into usage_days
select tenant_id, (at at time zone 'UTC')::date, service, provider, model, feature, coalesce(assistant_id, '00000000-0000-0000-0000-000000000000'), coalesce(tier, ''),
       count(*), count(*) filter (where not settled), sum(input_tokens), sum(output_tokens), sum(cached_tokens), sum(cache_write_tokens), sum(units), sum(cost),
       coalesce(sum(cost) filter (where not settled), 0),
       count(cost_large) filter (where settled), coalesce(sum(cost) filter (where settled and cost_large is not null), 0), coalesce(sum(cost_large) filter (where settled), 0),
       count(cost_uncached) filter (where settled), coalesce(sum(cost) filter (where settled and cost_uncached is not null), 0), coalesce(sum(cost_uncached) filter (where settled), 0)
  from usage group by 1, 2, 3, 4, 5, 6, 7, 8;
reset role;

-- The last calls first, of a day or of a month.
create index usage_page on usage (tenant_id, at desc, id desc);
drop index usage_at;
create index usage_turn on usage (tenant_id, turn_id) where turn_id is not null;

-- Days that cost much more than days of their kind. One row a day; its cost follows the day while it runs.
create table cost_anomalies (
  tenant_id uuid not null references tenants (id) on delete cascade,
  day date not null,
  cost numeric(20, 9) not null,
  usual numeric(20, 9) not null,             -- median of the days that it was compared with
  threshold numeric(20, 9) not null,         -- above which it was flagged
  days int not null,                         -- how many they were
  at timestamptz not null,                   -- when it was seen first
  primary key (tenant_id, day)
);
call tenant_table('cost_anomalies', 'select, insert, update');

-- Whose costs may have become unusual: tenants that paid for something since a day.
create function cost_tenants(p_since date) returns setof uuid language sql stable security definer set search_path = public, pg_temp
as $$ select distinct tenant_id from usage_days where day >= p_since $$;
call system_function('cost_tenants(date)');
