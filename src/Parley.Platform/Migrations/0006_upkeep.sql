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
