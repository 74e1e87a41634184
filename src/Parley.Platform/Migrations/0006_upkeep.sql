-- Upkeep: nodes, dead letters, what grows.

-- A node says that it lives each few seconds and takes its leave when it stops; the database clock decides who is alive.
set local role {definer};
create or replace function node_seen(p_id text, p_version text) returns void language sql security definer set search_path = public, pg_temp
as $$
  insert into nodes (id, version) values (p_id, p_version) on conflict (id) do update set seen_at = now(), version = excluded.version;
  delete from nodes where seen_at < now() - interval '1 day';
$$;
reset role;
create function node_left(p_id text) returns void language sql security definer set search_path = public, pg_temp
as $$ delete from nodes where id = p_id $$;
call system_function('node_left(text)');

-- ---- dead letters: each with the rights and the tenant of its caller ----

alter table jobs add column dead_at timestamptz;
create index jobs_dead on jobs (tenant_id, dead_at desc, id desc) where state = 'dead';

create or replace function job_bury(p_tenant uuid, p_id uuid, p_aggregate text, p_error text) returns void language plpgsql set search_path = public, pg_temp
as $$
begin
  if p_aggregate is not null then
    perform job_lock_aggregate(p_tenant, p_aggregate);
  end if;
  with buried as (
    update jobs set state = 'dead', leased_by = null, lease_until = null, last_error = p_error, dead_at = now()
     where tenant_id = p_tenant and id = p_id returning *)
  insert into job_history (tenant_id, id, kind, outcome, attempts, last_error, created_at, finished_at)
  select tenant_id, id, kind, 'dead', attempts, last_error, created_at, now() from buried;
  if p_aggregate is not null then
    perform job_promote(p_tenant, p_aggregate);
  end if;
end $$;

-- Gives a dead job all its attempts again, behind what its aggregate does now. False: there is no such dead job.
create function job_retry(p_tenant uuid, p_id uuid, p_now timestamptz) returns boolean language plpgsql set search_path = public, pg_temp
as $$
declare aggregate text;
begin
  select aggregate_key into aggregate from jobs where tenant_id = p_tenant and id = p_id and state = 'dead';
  if not found then
    return false;
  end if;
  if aggregate is not null then
    perform job_lock_aggregate(p_tenant, aggregate);
  end if;
  update jobs set attempts = 0, run_at = p_now, dead_at = null, position = nextval('jobs_position_seq'), state = case
           when aggregate is not null and exists (
             select 1 from jobs h where h.tenant_id = p_tenant and h.aggregate_key = aggregate and h.state in ('scheduled', 'queued', 'running')) then 'waiting'
           else 'queued' end
   where tenant_id = p_tenant and id = p_id and state = 'dead';
  return found;
end $$;

-- Gives it up for good. False: there is no such dead job.
create function job_discard(p_tenant uuid, p_id uuid) returns boolean language plpgsql set search_path = public, pg_temp
as $$
begin
  with gone as (delete from jobs where tenant_id = p_tenant and id = p_id and state = 'dead' returning *)
  insert into job_history (tenant_id, id, kind, outcome, attempts, last_error, created_at, finished_at)
  select tenant_id, id, kind, 'cancelled', attempts, last_error, created_at, clock_timestamp() from gone;
  return found;
end $$;
revoke all on function job_retry(uuid, uuid, timestamptz), job_discard(uuid, uuid) from public;
grant execute on function job_retry(uuid, uuid, timestamptz), job_discard(uuid, uuid) to {app};

-- ---- months ----

-- Business time decides which months are needed, because it is business time that is written into them.
alter table partitioned_tables add column keep_months int check (keep_months > 0); -- null: kept until a tenant's own rules say otherwise
drop function partitions_ensure_all();
create or replace procedure ensure_partitions(parent text, ahead int default 3) language plpgsql
  set search_path = public, pg_temp
as $$
begin
  call ensure_partitions_at(parent, now(), ahead);
end $$;
create procedure ensure_partitions_at(parent text, p_now timestamptz, ahead int default 3) language plpgsql
  set search_path = public, pg_temp
as $$
declare
  month date := date_trunc('month', p_now - interval '1 month');
  child text;
begin
  perform pg_advisory_xact_lock(hashtextextended('partitions:' || parent, 0));
  while month <= date_trunc('month', p_now) + make_interval(months => ahead) loop
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
revoke all on procedure ensure_partitions_at(text, timestamptz, int) from public;

-- Makes the months ahead and drops those that are kept no longer. Owned by the owner, not the definer: both are DDL. It reads no tenant
-- rows. A table that is in use for longer than the lock's patience is tried again by the next run: months are made ahead.
create function partitions_ensure_all(p_now timestamptz default now()) returns int language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '2s'
as $$
declare item record; old record; n int := 0;
begin
  for item in select name, keep_months from partitioned_tables loop
    call ensure_partitions_at(item.name, p_now);
    n := n + 1;
    if item.keep_months is not null then
      for old in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                  where i.inhparent = item.name::regclass and c.relname ~ '_[0-9]{6}$'
                    and to_date(right(c.relname, 6), 'YYYYMM') < date_trunc('month', p_now) - make_interval(months => item.keep_months) loop
        execute format('drop table %I', old.relname);
      end loop;
    end if;
  end loop;
  return n;
end $$;
revoke all on function partitions_ensure_all(timestamptz) from public;
grant execute on function partitions_ensure_all(timestamptz) to {system};
-- What a job did is of interest for a while; a turn's steps for as long as somebody may ask why an answer was given.
update partitioned_tables set keep_months = 3 where name = 'job_history';
