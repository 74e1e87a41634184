-- Budget before spend: what each scope has spent and holds, what is held for calls under way, and which alerts were given.
create table budget_scopes (
  tenant_id uuid not null references tenants (id) on delete cascade,
  kind text not null check (kind in ('tenant_month', 'tenant_day', 'conversation', 'end_user', 'anonymous')),
  subject_id uuid not null,              -- the tenant's own id where the scope is the tenant's
  period date not null,                  -- its first day; of a conversation, which has one period only, 1970-01-01
  settled numeric(20, 9) not null default 0 check (settled >= 0),
  held numeric(20, 9) not null default 0 check (held >= 0),
  touched_on date not null,              -- not to the moment: an indexed column that changes with every call would keep each of its versions in every index
  primary key (tenant_id, kind, subject_id, period)
) with (fillfactor = 50);                 -- room on the page for the next version of a counter
call tenant_table('budget_scopes');
create index budget_scopes_age on budget_scopes (touched_on);

-- One row per call under way. Settling or releasing deletes it; of two that try, one finds it.
create table budget_reservations (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,                      -- becomes the id of the row in usage
  amount numeric(20, 9) not null check (amount >= 0),
  node text not null,
  expires_at timestamptz not null,       -- database clock
  at timestamptz not null,               -- business time: decides the month and the day, also of what is settled later
  service text not null,
  provider text not null,
  model text not null,
  feature text not null,
  assistant_id uuid,
  conversation_id uuid,
  end_user_id uuid,
  turn_id uuid,
  anonymous boolean not null,
  primary key (tenant_id, id)
);
call tenant_table('budget_reservations', 'select, insert, delete');
create index budget_reservations_expiry on budget_reservations (expires_at);
create index budget_reservations_node on budget_reservations (node);

create table budget_alerts (
  tenant_id uuid not null references tenants (id) on delete cascade,
  kind text not null check (kind in ('tenant_month', 'tenant_day', 'anonymous')),
  subject_id uuid not null,
  period date not null,
  step smallint not null check (step in (70, 80, 90, 100, 110, 120)),
  spent numeric(20, 9) not null,
  budget numeric(20, 9) not null,
  at timestamptz not null,
  primary key (tenant_id, kind, subject_id, period, step)
);
call tenant_table('budget_alerts', 'select, insert');

-- Calls whose node is dead or has held them for too long. A command that never said that it lives has only its time.
create function budget_overdue(p_limit int) returns table (tenant_id uuid, id uuid) language sql stable security definer set search_path = public, pg_temp
as $$
  select r.tenant_id, r.id from budget_reservations r left join nodes n on n.id = r.node
   where r.expires_at < clock_timestamp() or n.seen_at < now() - interval '1 minute'
   order by r.expires_at limit p_limit
$$;
call system_function('budget_overdue(int)');

-- Counters that no call will ask for again. What was spent stays in usage.
create function budget_expire(p_now timestamptz) returns bigint language plpgsql security definer set search_path = public, pg_temp
as $$
declare n bigint;
begin
  delete from budget_scopes where held = 0 and touched_on < (p_now at time zone 'UTC')::date - case when kind = 'tenant_month' then 800 else 90 end;
  get diagnostics n = row_count;
  delete from budget_alerts where at < p_now - interval '800 days';
  return n;
end $$;
call system_function('budget_expire(timestamptz)');

-- What a dead node held for calls is ended too; the sweep settles it.
set local role {definer};
create or replace function node_gone(p_node text) returns int language plpgsql security definer set search_path = public, pg_temp
as $$
declare held int;
begin
  update jobs set lease_until = clock_timestamp() where leased_by = p_node and state = 'running' and lease_until > clock_timestamp();
  get diagnostics held = row_count;
  update idempotency_keys set locked_until = clock_timestamp() where locked_by = p_node and status is null and locked_until > clock_timestamp();
  update budget_reservations set expires_at = clock_timestamp() where node = p_node and expires_at > clock_timestamp();
  return held;
end $$;
reset role;

-- Tokens written into a prompt cache have a price of their own; without them a row's cost could not be computed again.
alter table usage add column cache_write_tokens bigint not null default 0 check (cache_write_tokens >= 0);
