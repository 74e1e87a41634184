-- Platform: tenants, jobs, idempotency, rate limits, objects, versioned configuration, secrets.
-- {owner} {app} {system} {definer} are replaced by the migrator with this installation's role names.
--   {app}     logs in, sees tenant tables through row level security only (TenantDb)
--   {system}  logs in, may execute SECURITY DEFINER functions and nothing else (SystemDb)
--   {definer} cannot log in; owns the SECURITY DEFINER functions and may see every tenant's rows

create function current_tenant() returns uuid language sql stable parallel safe
  set search_path = pg_catalog
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;

-- Makes one table a tenant table: forced row level security, one policy on the tenant, grants.
-- privileges: what the application may do, e.g. 'select, insert' for append-only tables.
create procedure tenant_table(target regclass, privileges text default 'select, insert, update, delete') language plpgsql
  set search_path = public, pg_temp
as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant_isolation on %s using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()))', target);
  execute format('create policy definer_all on %s to {definer} using (true) with check (true)', target);
  execute format('grant %s on %s to {app}', privileges, target);
  execute format('grant select, insert, update, delete on %s to {definer}', target);
end $$;

-- Hands a function to the definer role and lets only the system role execute it.
create procedure system_function(target regprocedure) language plpgsql
  set search_path = public, pg_temp
as $$
begin
  execute format('revoke all on function %s from public', target);
  execute format('grant execute on function %s to {system}', target);
  execute format('alter function %s owner to {definer}', target);
end $$;

-- Creates the monthly partitions of a table from last month to `ahead` months from now. Partitions carry no grants:
-- the application reaches them through the parent, whose policy applies.
create procedure ensure_partitions(parent text, ahead int default 3) language plpgsql
  set search_path = public, pg_temp
as $$
declare
  month date := date_trunc('month', now() - interval '1 month');
  child text;
begin
  while month <= date_trunc('month', now()) + make_interval(months => ahead) loop
    child := format('%s_%s', parent, to_char(month, 'YYYYMM'));
    if to_regclass(child) is null then
      execute format('create table %I partition of %I for values from (%L) to (%L)', child, parent, month, month + interval '1 month');
      execute format('alter table %I enable row level security', child);
      execute format('alter table %I force row level security', child);
      execute format('create policy tenant_isolation on %I using (tenant_id = (select current_tenant())) with check (tenant_id = (select current_tenant()))', child);
    end if;
    month := (month + interval '1 month')::date;
  end loop;
end $$;

create table partitioned_tables (name text primary key);

create procedure partition_by_month(parent text) language plpgsql
  set search_path = public, pg_temp
as $$
begin
  insert into partitioned_tables (name) values (parent);
  call ensure_partitions(parent);
end $$;

revoke all on procedure tenant_table(regclass, text), system_function(regprocedure), ensure_partitions(text, int), partition_by_month(text) from public;

-- Owned by the owner, not the definer: creating partitions is DDL. It reads no tenant rows.
create function partitions_ensure_all() returns int language plpgsql security definer
  set search_path = public, pg_temp
as $$
declare item record; n int := 0;
begin
  for item in select name from partitioned_tables loop
    call ensure_partitions(item.name);
    n := n + 1;
  end loop;
  return n;
end $$;
revoke all on function partitions_ensure_all() from public;
grant execute on function partitions_ensure_all() to {system};

create table tenants (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'suspended', 'deleting')),
  is_demo boolean not null default false,
  created_at timestamptz not null
);
alter table tenants enable row level security;
alter table tenants force row level security;
create policy tenant_isolation on tenants using (id = (select current_tenant())) with check (id = (select current_tenant()));
create policy definer_all on tenants to {definer} using (true) with check (true);
grant select, update on tenants to {app};
grant select, insert, update, delete on tenants to {definer};

-- Versioned, immutable configuration: assistant profile, thresholds, rules, prices, widget settings, service hours.
create table configurations (
  tenant_id uuid not null references tenants (id) on delete cascade,
  kind text not null check (kind ~ '^[a-z_]{1,40}$'),
  subject_id uuid not null,
  version int not null check (version > 0),
  body jsonb not null,
  note text,
  created_by uuid,
  created_at timestamptz not null,
  primary key (tenant_id, kind, subject_id, version)
);
call tenant_table('configurations', 'select, insert');
create table published_configurations (
  tenant_id uuid not null,
  kind text not null,
  subject_id uuid not null,
  version int not null,
  published_by uuid,
  published_at timestamptz not null,
  primary key (tenant_id, kind, subject_id),
  foreign key (tenant_id, kind, subject_id, version) references configurations (tenant_id, kind, subject_id, version) on delete cascade
);
call tenant_table('published_configurations');

-- Jobs: outbox, imports, turns, work of schedules. Written in the business transaction.
create table jobs (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  kind text not null check (kind ~ '^[a-z_.]{1,60}$'),
  -- Jobs of one aggregate run one after another, in the order of their ids (UUIDv7). Null: no order.
  aggregate_key text,
  payload jsonb not null default '{}',
  state text not null default 'queued' check (state in ('queued', 'running', 'dead')),
  priority smallint not null default 0, -- higher first; turns 10, imports 0
  run_at timestamptz not null,
  attempts int not null default 0,
  max_attempts int not null default 5,
  leased_by text,
  lease_until timestamptz, -- database clock
  last_error text,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
call tenant_table('jobs');
create index jobs_claimable on jobs (priority desc, run_at) where state = 'queued';
create index jobs_leases on jobs (lease_until) where state = 'running';
create index jobs_aggregate on jobs (tenant_id, aggregate_key, id) where aggregate_key is not null and state <> 'dead';

create table job_history (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  kind text not null,
  outcome text not null check (outcome in ('done', 'dead', 'cancelled')),
  attempts int not null,
  last_error text,
  created_at timestamptz not null,
  finished_at timestamptz not null,
  primary key (tenant_id, id, finished_at)
) partition by range (finished_at);
call tenant_table('job_history', 'select, insert');
call partition_by_month('job_history');

create table idempotency_keys (
  tenant_id uuid not null references tenants (id) on delete cascade,
  principal text not null,
  route text not null,
  key text not null check (length(key) between 1 and 200),
  body_hash bytea not null,
  status int,
  response jsonb,
  created_at timestamptz not null,
  primary key (tenant_id, principal, route, key)
);
call tenant_table('idempotency_keys');
create index idempotency_keys_age on idempotency_keys (created_at);

-- Files are stored once by hash; the bytes are in the object store under (tenant, hash).
create table objects (
  tenant_id uuid not null references tenants (id) on delete cascade,
  hash bytea not null check (length(hash) = 32),
  size bigint not null check (size >= 0),
  content_type text not null,
  created_at timestamptz not null,
  primary key (tenant_id, hash)
);
call tenant_table('objects');

-- Envelope keys: one data key per tenant, wrapped by the instance's master key.
create table tenant_keys (
  tenant_id uuid not null references tenants (id) on delete cascade,
  version int not null,
  master_key_id text not null,
  wrapped_key bytea not null,
  created_at timestamptz not null,
  primary key (tenant_id, version)
);
call tenant_table('tenant_keys');
create table secrets (
  tenant_id uuid not null,
  name text not null,
  key_version int not null,
  nonce bytea not null,
  ciphertext bytea not null,
  created_at timestamptz not null,
  primary key (tenant_id, name),
  foreign key (tenant_id, key_version) references tenant_keys (tenant_id, version) on delete cascade
);
call tenant_table('secrets');

-- Instance-wide tables: only the definer's functions reach them.
create table data_protection_keys (id text primary key, ciphertext bytea not null, created_at timestamptz not null);
create table rate_windows (
  scope text not null,
  window_start timestamptz not null,
  leased int not null,
  primary key (scope, window_start)
);
create table nodes (
  id text primary key,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  version text not null
);
grant select, insert, update, delete on data_protection_keys, rate_windows, nodes to {definer};

-- ---- what SystemDb may do ----

create function tenant_ids() returns setof uuid language sql stable security definer set search_path = public, pg_temp
as $$ select id from tenants where status = 'active' order by id $$;
call system_function('tenant_ids()');

create function tenant_by_slug(p_slug text) returns uuid language sql stable security definer set search_path = public, pg_temp
as $$ select id from tenants where slug = p_slug and status = 'active' $$;
call system_function('tenant_by_slug(text)');

-- Returns the id, or null where the slug is taken.
create function tenant_create(p_id uuid, p_slug text, p_name text, p_demo boolean, p_at timestamptz) returns uuid language sql security definer set search_path = public, pg_temp
as $$ insert into tenants (id, slug, name, is_demo, created_at) values (p_id, p_slug, p_name, p_demo, p_at) on conflict (slug) do nothing returning id $$;
call system_function('tenant_create(uuid, text, text, boolean, timestamptz)');

create function tenant_delete(p_id uuid) returns void language sql security definer set search_path = public, pg_temp
as $$ delete from tenants where id = p_id $$;
call system_function('tenant_delete(uuid)');

-- Leases up to p_limit runnable jobs: fair between tenants (round robin by rank within the tenant), ordered per aggregate,
-- expired leases first returned to the queue. The lease uses the database clock; run_at is compared with p_now (business time).
create function jobs_claim(p_node text, p_kinds text[], p_limit int, p_lease interval, p_now timestamptz)
  returns table (tenant_id uuid, id uuid, kind text, attempts int, max_attempts int, payload jsonb)
  language plpgsql security definer set search_path = public, pg_temp
as $$
#variable_conflict use_column
begin
  update jobs j set state = 'queued', leased_by = null, lease_until = null,
         last_error = coalesce(j.last_error, 'lease expired')
   where j.state = 'running' and j.lease_until < clock_timestamp();
  return query
  with candidates as (
    select j.tenant_id, j.id, j.priority, j.run_at,
           row_number() over (partition by j.tenant_id order by j.priority desc, j.run_at, j.id) as turn_of_tenant
      from jobs j
     where j.state = 'queued' and j.run_at <= p_now and j.kind = any (p_kinds)
       and not exists (select 1 from jobs e
                        where e.tenant_id = j.tenant_id and e.aggregate_key = j.aggregate_key
                          and e.state <> 'dead' and e.id < j.id)
  ), chosen as (
    select j.tenant_id, j.id
      from jobs j join candidates c on c.tenant_id = j.tenant_id and c.id = j.id
     where j.state = 'queued'
     order by c.priority desc, c.turn_of_tenant, c.run_at
     limit p_limit
     for update of j skip locked
  )
  update jobs j
     set state = 'running', leased_by = p_node, lease_until = clock_timestamp() + p_lease, attempts = j.attempts + 1
    from chosen c
   where j.tenant_id = c.tenant_id and j.id = c.id
  returning j.tenant_id, j.id, j.kind, j.attempts, j.max_attempts, j.payload;
end $$;
call system_function('jobs_claim(text, text[], int, interval, timestamptz)');

-- Extends this node's leases; returns the ids it still holds.
create function jobs_extend(p_node text, p_ids uuid[], p_lease interval) returns setof uuid language sql security definer set search_path = public, pg_temp
as $$ update jobs set lease_until = clock_timestamp() + p_lease where id = any (p_ids) and leased_by = p_node and state = 'running' returning id $$;
call system_function('jobs_extend(text, uuid[], interval)');

-- Returns to the queue what a node held (graceful shutdown, or its restart under the same name).
create function jobs_release(p_node text) returns int language sql security definer set search_path = public, pg_temp
as $$ with r as (update jobs set state = 'queued', leased_by = null, lease_until = null where leased_by = p_node and state = 'running' returning 1) select count(*)::int from r $$;
call system_function('jobs_release(text)');

-- When is the next queued job due? Null: never.
create function jobs_next_due(p_kinds text[]) returns timestamptz language sql stable security definer set search_path = public, pg_temp
as $$ select min(run_at) from jobs where state = 'queued' and kind = any (p_kinds) $$;
call system_function('jobs_next_due(text[])');

-- Counts per state, for metrics and doctor; no tenant label.
create function jobs_counts() returns table (kind text, state text, count bigint, oldest timestamptz) language sql stable security definer set search_path = public, pg_temp
as $$ select kind, state, count(*), min(run_at) from jobs group by kind, state $$;
call system_function('jobs_counts()');

create function data_protection_keys_all() returns table (id text, ciphertext bytea) language sql stable security definer set search_path = public, pg_temp
as $$ select id, ciphertext from data_protection_keys order by created_at $$;
call system_function('data_protection_keys_all()');
create function data_protection_key_add(p_id text, p_ciphertext bytea, p_at timestamptz) returns void language sql security definer set search_path = public, pg_temp
as $$ insert into data_protection_keys values (p_id, p_ciphertext, p_at) on conflict (id) do nothing $$;
call system_function('data_protection_key_add(text, bytea, timestamptz)');

-- Leases up to p_slice of a scope's allowance in a window; returns what was granted (0 = the limit is reached).
create function rate_lease(p_scope text, p_window timestamptz, p_limit int, p_slice int) returns int language plpgsql security definer set search_path = public, pg_temp
as $$
declare before int;
begin
  insert into rate_windows (scope, window_start, leased) values (p_scope, p_window, 0) on conflict do nothing;
  select leased into before from rate_windows where scope = p_scope and window_start = p_window for update;
  update rate_windows set leased = least(p_limit, before + p_slice) where scope = p_scope and window_start = p_window;
  return least(p_limit, before + p_slice) - before;
end $$;
call system_function('rate_lease(text, timestamptz, int, int)');

-- Housekeeping of what expires by itself; returns rows deleted.
create function expire_ephemera(p_now timestamptz) returns bigint language plpgsql security definer set search_path = public, pg_temp
as $$
declare n bigint; m bigint;
begin
  delete from idempotency_keys where created_at < p_now - interval '24 hours';
  get diagnostics n = row_count;
  delete from rate_windows where window_start < p_now - interval '1 day';
  get diagnostics m = row_count;
  return n + m;
end $$;
call system_function('expire_ephemera(timestamptz)');

create function node_seen(p_id text, p_version text) returns void language sql security definer set search_path = public, pg_temp
as $$ insert into nodes (id, version) values (p_id, p_version) on conflict (id) do update set seen_at = now(), version = excluded.version $$;
call system_function('node_seen(text, text)');
create function nodes_alive() returns table (id text, seen_at timestamptz, version text) language sql stable security definer set search_path = public, pg_temp
as $$ select id, seen_at, version from nodes where seen_at > now() - interval '30 seconds' order by id $$;
call system_function('nodes_alive()');
