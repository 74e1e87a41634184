-- Platform: tenants, jobs, idempotency, rate limits, objects, versioned configuration, secrets.
-- {owner} {app} {system} {scheduler} {definer} are replaced by the migrator with this installation's role names.
--   {app}     logs in, sees tenant tables through row level security only (TenantDb)
--   {system}  logs in, may execute SECURITY DEFINER functions and nothing else (SystemDb)
--   {scheduler} logs in, reaches the schedules' tables in the schema quartz and nothing else
--   {definer} cannot log in; owns the SECURITY DEFINER functions and may see every tenant's rows

-- Without a SET clause, so that the planner can inline it; its names were bound when it was made.
create function current_tenant() returns uuid language sql stable parallel safe
  return nullif(pg_catalog.current_setting('app.tenant_id', true), '')::uuid;

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

-- Hands a function to the definer role and lets only the system role execute it. A later migration that replaces such a
-- function does so as the definer: set local role {definer}; create or replace function …; reset role;
create procedure system_function(target regprocedure) language plpgsql
  set search_path = public, pg_temp
as $$
begin
  execute format('revoke all on function %s from public', target);
  execute format('grant execute on function %s to {system}', target);
  execute format('alter function %s owner to {definer}', target);
end $$;

-- Creates the monthly partitions of a table from last month to `ahead` months from now. Partitions carry no grants:
-- the application reaches them through the parent, whose policy applies. Two nodes at once: the second waits and finds them.
create procedure ensure_partitions(parent text, ahead int default 3) language plpgsql
  set search_path = public, pg_temp
as $$
declare
  month date := date_trunc('month', now() - interval '1 month');
  child text;
begin
  perform pg_advisory_xact_lock(hashtextextended('partitions:' || parent, 0));
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

-- Owned by the owner, not the definer: creating partitions is DDL. It reads no tenant rows. A table that is in use for
-- longer than the lock's patience is tried again by the next run: months are made ahead.
create function partitions_ensure_all() returns int language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '2s'
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

-- What the migrator has applied, for /health/ready: a node must not serve before its own migrations are there.
grant select on schema_migrations to {definer};
create function migrations_applied() returns setof text language sql stable security definer set search_path = public, pg_temp
as $$ select name from schema_migrations $$;
call system_function('migrations_applied()');

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
--   waiting    behind an older job of its aggregate
--   scheduled  not before run_at (added for later, or failed and to be tried again); jobs_tick makes it queued
--   queued     runnable now
--   running    leased by a node
--   dead       given up; stays for a person to look at
create sequence jobs_position_seq;
grant usage on sequence jobs_position_seq to {app}, {definer};
create table jobs (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  position bigint not null default nextval('jobs_position_seq'),
  kind text not null check (kind ~ '^[a-z_.]{1,60}$'),
  -- Jobs of one aggregate run one after another, in the order they were added. Null: no order.
  aggregate_key text check (length(aggregate_key) between 1 and 200),
  payload jsonb not null default '{}',
  state text not null check (state in ('waiting', 'scheduled', 'queued', 'running', 'dead')),
  priority smallint not null default 0, -- higher first; turns 10, imports 0
  -- Two lanes with slots of their own, so that an import never keeps a turn waiting.
  interactive boolean not null generated always as (priority > 0) stored,
  run_at timestamptz not null,          -- business time
  attempts int not null default 0,      -- attempts that count: a graceful release gives one back
  max_attempts int not null default 5,
  fence int not null default 0,         -- grows with every claim: who holds an older one may not complete the job
  leased_by text,
  lease_until timestamptz,              -- database clock
  last_error text,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
call tenant_table('jobs');
-- The order of jobs_claim. Holds runnable jobs only: neither a long schedule nor a long aggregate slows a claim.
create index jobs_claimable on jobs (interactive, tenant_id, priority desc, run_at, position) include (kind) where state = 'queued';
create index jobs_scheduled on jobs (run_at) where state = 'scheduled';
create index jobs_leases on jobs (lease_until) where state = 'running';
create index jobs_waiting on jobs (tenant_id, aggregate_key, position) where state = 'waiting';
-- An aggregate has one head. job_enqueue and job_promote keep it so; this index makes it certain.
create unique index jobs_head on jobs (tenant_id, aggregate_key) where aggregate_key is not null and state in ('scheduled', 'queued', 'running');

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

-- ---- a job's life; each runs with the rights and the tenant of its caller ----

-- Held to the end of the transaction by whoever adds a job to an aggregate or ends one: without it, the one could take the
-- other's job for its predecessor while that is being completed, and wait for ever.
create function job_lock_aggregate(p_tenant uuid, p_aggregate text) returns void language sql set search_path = public, pg_temp
as $$ select pg_advisory_xact_lock(hashtextextended(p_tenant::text || p_aggregate, 7)) $$;

create function job_enqueue(p_tenant uuid, p_id uuid, p_kind text, p_aggregate text, p_payload jsonb, p_priority smallint, p_max_attempts int, p_run_at timestamptz, p_now timestamptz)
  returns void language plpgsql set search_path = public, pg_temp
as $$
begin
  if p_aggregate is not null then
    perform job_lock_aggregate(p_tenant, p_aggregate);
  end if;
  insert into jobs (tenant_id, id, kind, aggregate_key, payload, priority, max_attempts, run_at, created_at, state)
  values (p_tenant, p_id, p_kind, p_aggregate, p_payload, p_priority, p_max_attempts, p_run_at, p_now,
    case when p_aggregate is not null and exists (
           select 1 from jobs where tenant_id = p_tenant and aggregate_key = p_aggregate and state in ('scheduled', 'queued', 'running')) then 'waiting'
         when p_run_at > p_now then 'scheduled'
         else 'queued' end);
end $$;

-- Makes the oldest waiting job of an aggregate its head. Scheduled first: jobs_tick knows whether it is due.
create function job_promote(p_tenant uuid, p_aggregate text) returns void language sql set search_path = public, pg_temp
as $$
  update jobs set state = case when run_at <= created_at then 'queued' else 'scheduled' end
   where tenant_id = p_tenant and state = 'waiting' and aggregate_key = p_aggregate
     and position = (select min(position) from jobs where tenant_id = p_tenant and state = 'waiting' and aggregate_key = p_aggregate)
     and not exists (select 1 from jobs where tenant_id = p_tenant and aggregate_key = p_aggregate and state in ('scheduled', 'queued', 'running'))
$$;

-- Ends a job that this fence still holds. False: another attempt has taken it over.
create function job_complete(p_tenant uuid, p_id uuid, p_fence int, p_node text, p_aggregate text) returns boolean
  language plpgsql set search_path = public, pg_temp
as $$
begin
  if p_aggregate is not null then
    perform job_lock_aggregate(p_tenant, p_aggregate);
  end if;
  with finished as (
    delete from jobs where tenant_id = p_tenant and id = p_id and fence = p_fence and leased_by = p_node and state = 'running' returning *)
  insert into job_history (tenant_id, id, kind, outcome, attempts, created_at, finished_at)
  select tenant_id, id, kind, 'done', attempts, created_at, now() from finished;
  if not found then
    return false;
  end if;
  if p_aggregate is not null then
    perform job_promote(p_tenant, p_aggregate);
  end if;
  return true;
end $$;

-- Gives a job up; the next of its aggregate goes on.
create function job_bury(p_tenant uuid, p_id uuid, p_aggregate text, p_error text) returns void language plpgsql set search_path = public, pg_temp
as $$
begin
  if p_aggregate is not null then
    perform job_lock_aggregate(p_tenant, p_aggregate);
  end if;
  with buried as (
    update jobs set state = 'dead', leased_by = null, lease_until = null, last_error = p_error
     where tenant_id = p_tenant and id = p_id returning *)
  insert into job_history (tenant_id, id, kind, outcome, attempts, last_error, created_at, finished_at)
  select tenant_id, id, kind, 'dead', attempts, last_error, created_at, now() from buried;
  if p_aggregate is not null then
    perform job_promote(p_tenant, p_aggregate);
  end if;
end $$;

revoke all on function job_lock_aggregate(uuid, text), job_promote(uuid, text), job_bury(uuid, uuid, text, text),
  job_enqueue(uuid, uuid, text, text, jsonb, smallint, int, timestamptz, timestamptz), job_complete(uuid, uuid, int, text, text) from public;
grant execute on function job_lock_aggregate(uuid, text), job_promote(uuid, text), job_bury(uuid, uuid, text, text),
  job_enqueue(uuid, uuid, text, text, jsonb, smallint, int, timestamptz, timestamptz), job_complete(uuid, uuid, int, text, text) to {app}, {definer};

create table idempotency_keys (
  tenant_id uuid not null references tenants (id) on delete cascade,
  principal text not null,
  route text not null,
  key text not null check (length(key) between 1 and 200),
  body_hash bytea not null,
  -- Null while the first request runs. A request whose process died is taken over after locked_until (database clock).
  status int,
  content_type text,
  location text,
  response bytea,
  locked_until timestamptz not null,
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
-- What the whole installation agrees on, e.g. the mark that its object folder carries.
create table instance_settings (name text primary key, value text not null);
create table nodes (
  id text primary key,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  version text not null
);
grant select, insert, update, delete on data_protection_keys, rate_windows, nodes, instance_settings to {definer};

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

-- Everything of the tenant goes by cascade; keys that do not cascade are deferrable and are checked when all is gone.
create function tenant_delete(p_id uuid) returns void language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  set constraints all deferred;
  delete from tenants where id = p_id;
end $$;
call system_function('tenant_delete(uuid)');

-- Leases up to p_limit runnable jobs of one lane: one of each tenant in turn, starting after p_after (the tenant that the
-- caller served last), so that a tenant with 100,000 jobs delays another's only one by one job. Each step is one index probe.
create function jobs_claim(p_node text, p_interactive boolean, p_kinds text[], p_after uuid, p_limit int, p_lease interval)
  returns table (tenant_id uuid, id uuid, kind text, aggregate_key text, attempts int, max_attempts int, fence int, payload jsonb)
  language plpgsql security definer set search_path = public, pg_temp
  -- A plan made while the table was small must not be kept when it has grown.
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
as $$
#variable_conflict use_column
declare
  after uuid := p_after;
  taken int := 0;
  wrapped boolean := false;
  t uuid; i uuid;
begin
  while taken < p_limit loop
    select j.tenant_id, j.id into t, i from jobs j
     where j.state = 'queued' and j.interactive = p_interactive and j.kind = any (p_kinds) and j.tenant_id > after
     order by j.tenant_id, j.priority desc, j.run_at, j.position
     limit 1 for update skip locked;
    if found then
      wrapped := false;
      after := t;
      taken := taken + 1;
      return query
        update jobs j set state = 'running', leased_by = p_node, lease_until = clock_timestamp() + p_lease,
               attempts = j.attempts + 1, fence = j.fence + 1
         where j.tenant_id = t and j.id = i
        returning j.tenant_id, j.id, j.kind, j.aggregate_key, j.attempts, j.max_attempts, j.fence, j.payload;
    elsif wrapped then
      exit;
    else
      wrapped := true;
      after := '00000000-0000-0000-0000-000000000000';
    end if;
  end loop;
end $$;
call system_function('jobs_claim(text, boolean, text[], uuid, int, interval)');

-- Once a second, from any number of nodes: makes due jobs runnable, takes back expired leases (a job whose node died on its
-- last attempt is dead: it may be what killed the node) and gives a head to an aggregate that has lost its own.
-- Returns how many jobs became runnable.
create function jobs_tick(p_now timestamptz) returns int language plpgsql security definer set search_path = public, pg_temp
  set enable_seqscan = off
as $$
declare item record; n int; runnable int;
begin
  update jobs j set state = 'queued'
    from (select tenant_id, id from jobs where state = 'scheduled' and run_at <= p_now order by run_at limit 1000 for update skip locked) due
   where j.tenant_id = due.tenant_id and j.id = due.id;
  get diagnostics runnable = row_count;
  for item in select tenant_id, id, aggregate_key, attempts, max_attempts, last_error from jobs
               where state = 'running' and lease_until < clock_timestamp() order by lease_until limit 1000 for update skip locked loop
    if item.attempts < item.max_attempts then
      update jobs set state = 'queued', leased_by = null, lease_until = null, last_error = coalesce(last_error, 'lease expired')
       where tenant_id = item.tenant_id and id = item.id;
    else
      perform job_bury(item.tenant_id, item.id, item.aggregate_key, coalesce(item.last_error, 'lease expired'));
    end if;
    runnable := runnable + 1;
  end loop;
  for item in select w.tenant_id, w.aggregate_key from jobs w where w.state = 'waiting'
                 and not exists (select 1 from jobs h where h.tenant_id = w.tenant_id and h.aggregate_key = w.aggregate_key
                                   and h.state in ('scheduled', 'queued', 'running'))
               group by 1, 2 limit 100 loop
    perform job_lock_aggregate(item.tenant_id, item.aggregate_key);
    perform job_promote(item.tenant_id, item.aggregate_key);
    runnable := runnable + 1;
  end loop;
  return runnable;
end $$;
call system_function('jobs_tick(timestamptz)');

-- Extends leases that this node still holds; returns them.
create function jobs_extend(p_node text, p_ids uuid[], p_fences int[], p_lease interval) returns table (id uuid, fence int) language sql security definer set search_path = public, pg_temp
as $$ update jobs j set lease_until = clock_timestamp() + p_lease
         from unnest(p_ids, p_fences) as held (id, fence)
        where j.id = held.id and j.fence = held.fence and j.leased_by = p_node and j.state = 'running' returning j.id, j.fence $$;
call system_function('jobs_extend(text, uuid[], int[], interval)');

-- Returns to the queue what a node held, as if it had never been tried (graceful shutdown).
create function jobs_release(p_node text) returns int language sql security definer set search_path = public, pg_temp
as $$ with r as (update jobs set state = 'queued', leased_by = null, lease_until = null, attempts = greatest(attempts - 1, 0)
                  where leased_by = p_node and state = 'running' returning 1) select count(*)::int from r $$;
call system_function('jobs_release(text)');

-- Records a failed attempt: to be tried again at p_retry_at (business time), or given up (null). False: the lease was lost.
create function job_failed(p_tenant uuid, p_id uuid, p_fence int, p_node text, p_error text, p_retry_at timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare held record;
begin
  select aggregate_key into held from jobs
   where tenant_id = p_tenant and id = p_id and fence = p_fence and leased_by = p_node and state = 'running' for update;
  if not found then
    return false;
  end if;
  if p_retry_at is null then
    perform job_bury(p_tenant, p_id, held.aggregate_key, p_error);
  else
    update jobs set state = 'scheduled', run_at = p_retry_at, leased_by = null, lease_until = null, last_error = p_error
     where tenant_id = p_tenant and id = p_id;
  end if;
  return true;
end $$;
call system_function('job_failed(uuid, uuid, int, text, text, timestamptz)');

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
declare before int; after int;
begin
  insert into rate_windows (scope, window_start, leased) values (p_scope, p_window, 0) on conflict do nothing;
  select leased into before from rate_windows where scope = p_scope and window_start = p_window for update;
  after := greatest(before, least(p_limit, before + p_slice));
  update rate_windows set leased = after where scope = p_scope and window_start = p_window;
  return after - before;
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

-- The value that counts: the one given first.
create function instance_setting_once(p_name text, p_value text) returns text language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  insert into instance_settings (name, value) values (p_name, p_value) on conflict (name) do nothing;
  return (select value from instance_settings where name = p_name);
end $$;
call system_function('instance_setting_once(text, text)');
