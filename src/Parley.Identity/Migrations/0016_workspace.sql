-- What an owner does with a workspace as a whole: how long its audit log keeps details, an archive of all it holds, its end.

-- Details (what changed, and from which address) go after a while; who did what, and when, stays: the chain covers the salted hash of a payload
-- and no address, so that it holds without them. Returns how many entries lost theirs.
create function audit_details_expire(p_tenant uuid, p_before timestamptz, p_limit int) returns int language plpgsql security definer set search_path = public, pg_temp
as $$
declare n int;
begin
  update audit a set payload = null, payload_salt = null, ip = null
    from (select id, at from audit where tenant_id = p_tenant and at < p_before and (payload_salt is not null or ip is not null) limit p_limit) old
   where a.tenant_id = p_tenant and a.id = old.id and a.at = old.at;
  get diagnostics n = row_count;
  return n;
end $$;
call system_function('audit_details_expire(uuid, timestamptz, int)');
create index audit_details on audit (tenant_id, at) where payload_salt is not null or ip is not null;

-- Archives of everything a workspace holds. Only who asked for one may have it.
create table workspace_exports (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  state text not null check (state in ('queued', 'running', 'ready', 'failed', 'expired')),
  asked_kind text not null,
  asked_by uuid,                       -- null: the operator's command line
  done int not null default 0,         -- parts written
  total int not null default 0,
  rows bigint not null default 0,
  files bigint not null default 0,
  size bigint,
  object_hash bytea,
  link_hash bytea check (length(link_hash) = 32), -- of the one link that works now; null: none does
  link_until timestamptz,
  error text,
  created_at timestamptz not null,
  finished_at timestamptz,
  expires_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, object_hash) references objects (tenant_id, hash) deferrable
);
call tenant_table('workspace_exports');
create index workspace_exports_recent on workspace_exports (tenant_id, created_at desc, id desc);
create unique index workspace_exports_one on workspace_exports (tenant_id) where state in ('queued', 'running');

-- Closes a workspace for good: from this moment on nobody is signed in to it, no key and no widget of it works. False: it is closed already.
create function workspace_close(p_tenant uuid, p_at timestamptz) returns boolean language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  update tenants set status = 'deleting' where id = p_tenant and status <> 'deleting';
  if not found then
    return false;
  end if;
  update user_sessions set revoked_at = p_at where tenant_id = p_tenant and revoked_at is null;
  return true;
end $$;
call system_function('workspace_close(uuid, timestamptz)');

-- Everything of a closed workspace, in one transaction: all or nothing, however often it is begun. Accounts that belonged to it alone go with it.
create function workspace_delete(p_tenant uuid) returns boolean language plpgsql security definer set search_path = public, pg_temp
as $$
declare people uuid[];
begin
  perform 1 from tenants where id = p_tenant and status = 'deleting' for update;
  if not found then
    return false;
  end if;
  select coalesce(array_agg(user_id), '{}') into people from memberships where tenant_id = p_tenant;
  perform tenant_delete(p_tenant);
  perform user_delete_orphan(p) from unnest(people) p;
  return true;
end $$;
call system_function('workspace_delete(uuid)');

-- Some rows of one table of a closed workspace, so that its end is no single statement that holds locks for minutes. Its jobs and members are left for the end: the
-- work that deletes is one of the jobs, and accounts that belonged to it alone go with it.
create function workspace_clear(p_tenant uuid, p_table text, p_limit int) returns int language plpgsql security definer set search_path = public, pg_temp
as $$
declare n int;
begin
  if p_table in ('jobs', 'memberships') or not exists (select 1 from tenants where id = p_tenant and status = 'deleting') or not exists (
    select 1 from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relforcerowsecurity and c.relname = p_table) then
    return 0;
  end if;
  execute format('delete from %1$I t using (select ctid, tableoid from %1$I where tenant_id = $1 limit $2) d where t.ctid = d.ctid and t.tableoid = d.tableoid', p_table)
    using p_tenant, p_limit;
  get diagnostics n = row_count;
  return n;
end $$;
call system_function('workspace_clear(uuid, text, int)');

-- For the operator's command line.
create function workspace_by_slug(p_slug text) returns table (id uuid, name text, status text) language sql stable security definer set search_path = public, pg_temp
as $$ select id, name, status from tenants where slug = p_slug $$;
call system_function('workspace_by_slug(text)');

-- A workspace that the command line makes belongs to the operators of the instance: otherwise nobody could sign in to it.
create function workspace_give_to_operators(p_tenant uuid, p_at timestamptz) returns int language plpgsql security definer set search_path = public, pg_temp
as $$
declare n int;
begin
  insert into memberships (tenant_id, user_id, role, created_at)
    select p_tenant, i.user_id, 'owner', p_at from instance_roles i where i.role = 'operator' on conflict do nothing;
  get diagnostics n = row_count;
  perform audit_append(gen_random_uuid(), p_tenant, p_at, 'operator', null, null, 'workspace.created', 'workspace', p_tenant::text);
  return n;
end $$;
call system_function('workspace_give_to_operators(uuid, timestamptz)');

-- Those whose deletion did not come to its end.
create function workspaces_closed() returns setof uuid language sql stable security definer set search_path = public, pg_temp
as $$ select id from tenants where status = 'deleting' order by id $$;
call system_function('workspaces_closed()');
