-- Identity: users (global), memberships and roles (per tenant), sessions, API keys, audit.

create table users (
  id uuid primary key,
  email text not null check (email = lower(email) and length(email) between 3 and 254 and email like '%_@_%'),
  name text not null check (length(name) between 1 and 200),
  password_hash text,
  failed_attempts int not null default 0,
  locked_until timestamptz,
  must_change_password boolean not null default false,
  disabled_at timestamptz,
  created_at timestamptz not null,
  unique (email)
);
create table instance_roles (
  user_id uuid not null references users (id) on delete cascade,
  role text not null check (role in ('operator')),
  primary key (user_id, role)
);

create table roles (
  tenant_id uuid not null references tenants (id) on delete cascade,
  key text not null check (key ~ '^[a-z0-9-]{1,40}$'),
  name text not null check (length(name) between 1 and 100),
  -- Null for the built-in roles owner, manager, agent, viewer: their permissions are in the catalogue in code.
  permissions text[],
  created_at timestamptz not null,
  primary key (tenant_id, key)
);
call tenant_table('roles');

create table memberships (
  tenant_id uuid not null references tenants (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  role text not null,
  created_at timestamptz not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, role) references roles (tenant_id, key)
);
call tenant_table('memberships');
create index memberships_user on memberships (user_id);

-- A tenant sees the users who are its members, and of them only name and address; never a password hash.
alter table users enable row level security;
alter table users force row level security;
create policy members_only on users for select using (exists (
  select 1 from memberships m where m.user_id = users.id and m.tenant_id = (select current_tenant())));
create policy definer_all on users to {definer} using (true) with check (true);
grant select (id, email, name, disabled_at, created_at) on users to {app};
grant select, insert, update, delete on users, instance_roles to {definer};

create view v_members with (security_invoker = true) as
  select m.tenant_id, m.user_id, u.email, u.name, m.role, m.created_at, u.disabled_at is not null as disabled
    from memberships m join users u on u.id = m.user_id;
grant select on v_members to {app};

-- Sign-in sessions of users (cookie). The token is random; only its SHA-256 is stored.
create table user_sessions (
  id uuid primary key,
  token_hash bytea not null unique check (length(token_hash) = 32),
  user_id uuid not null references users (id) on delete cascade,
  tenant_id uuid references tenants (id) on delete cascade,
  ip text,
  user_agent text,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index user_sessions_user on user_sessions (user_id);
grant select, insert, update, delete on user_sessions to {definer};

create table api_keys (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  name text not null check (length(name) between 1 and 100),
  prefix text not null,               -- shown in lists: the first characters of the key
  key_hash bytea not null unique check (length(key_hash) = 32),
  scopes text[] not null,             -- permissions resource:action
  created_by uuid,
  created_at timestamptz not null,
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id)
);
call tenant_table('api_keys');

-- Append-only; written in the transaction of what it records. The payload may be erased, its hash stays.
create table audit (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('user', 'api_key', 'end_user', 'assistant', 'system', 'operator')),
  actor_id uuid,
  action text not null,               -- resource.verb, e.g. knowledge.source.deleted
  target_kind text,
  target_id text,
  payload jsonb,
  payload_hash bytea not null,
  ip text,
  primary key (tenant_id, id, at)
) partition by range (at);
call tenant_table('audit', 'select, insert');
call partition_by_month('audit');
create index audit_at on audit (tenant_id, at desc);
-- The chain is computed by a worker, so that writers never wait for each other.
create table audit_chain (
  tenant_id uuid not null references tenants (id) on delete cascade,
  position bigint not null,
  audit_id uuid not null,
  at timestamptz not null,
  hash bytea not null,
  primary key (tenant_id, position)
);
call tenant_table('audit_chain', 'select, insert');

-- ---- what SystemDb may do ----

create function user_by_email(p_email text)
  returns table (id uuid, name text, password_hash text, failed_attempts int, locked_until timestamptz, disabled_at timestamptz, must_change_password boolean)
  language sql stable security definer set search_path = public, pg_temp
as $$ select id, name, password_hash, failed_attempts, locked_until, disabled_at, must_change_password from users where email = lower(p_email) $$;
call system_function('user_by_email(text)');

create function user_create(p_id uuid, p_email text, p_name text, p_password_hash text, p_must_change boolean, p_at timestamptz) returns uuid
  language sql security definer set search_path = public, pg_temp
as $$ insert into users (id, email, name, password_hash, must_change_password, created_at) values (p_id, lower(p_email), p_name, p_password_hash, p_must_change, p_at)
      on conflict (email) do nothing returning id $$;
call system_function('user_create(uuid, text, text, text, boolean, timestamptz)');

create function user_set_password(p_id uuid, p_password_hash text, p_must_change boolean) returns boolean
  language sql security definer set search_path = public, pg_temp
as $$ update users set password_hash = p_password_hash, must_change_password = p_must_change, failed_attempts = 0, locked_until = null where id = p_id returning true $$;
call system_function('user_set_password(uuid, text, boolean)');

-- Counts a failed sign-in; from p_threshold failures on, locks until p_locked_until. Returns the count.
create function user_sign_in_failed(p_id uuid, p_threshold int, p_locked_until timestamptz) returns int
  language sql security definer set search_path = public, pg_temp
as $$ update users set failed_attempts = failed_attempts + 1,
             locked_until = case when failed_attempts + 1 >= p_threshold then p_locked_until else locked_until end
       where id = p_id returning failed_attempts $$;
call system_function('user_sign_in_failed(uuid, int, timestamptz)');
create function user_sign_in_succeeded(p_id uuid) returns void language sql security definer set search_path = public, pg_temp
as $$ update users set failed_attempts = 0, locked_until = null where id = p_id $$;
call system_function('user_sign_in_succeeded(uuid)');

create function instance_role_grant(p_user uuid, p_role text) returns void language sql security definer set search_path = public, pg_temp
as $$ insert into instance_roles values (p_user, p_role) on conflict do nothing $$;
call system_function('instance_role_grant(uuid, text)');
create function operators_exist() returns boolean language sql stable security definer set search_path = public, pg_temp
as $$ select exists (select 1 from instance_roles where role = 'operator') $$;
call system_function('operators_exist()');

create function memberships_of(p_user uuid) returns table (tenant_id uuid, slug text, name text, role text) language sql stable security definer set search_path = public, pg_temp
as $$ select m.tenant_id, t.slug, t.name, m.role from memberships m join tenants t on t.id = m.tenant_id and t.status = 'active' where m.user_id = p_user order by t.is_demo, t.created_at $$;
call system_function('memberships_of(uuid)');

create function user_session_create(p_id uuid, p_token_hash bytea, p_user uuid, p_tenant uuid, p_ip text, p_agent text, p_at timestamptz, p_expires timestamptz) returns void
  language sql security definer set search_path = public, pg_temp
as $$ insert into user_sessions values (p_id, p_token_hash, p_user, p_tenant, p_ip, p_agent, p_at, p_at, p_expires, null) $$;
call system_function('user_session_create(uuid, bytea, uuid, uuid, text, text, timestamptz, timestamptz)');

-- A live session with its user's role and custom permissions in the session's tenant; no row: not signed in.
create function user_session_lookup(p_token_hash bytea, p_now timestamptz)
  returns table (session_id uuid, user_id uuid, email text, name text, tenant_id uuid, tenant_slug text, role text, permissions text[], is_operator boolean, expires_at timestamptz, seen_at timestamptz, must_change_password boolean)
  language sql stable security definer set search_path = public, pg_temp
as $$ select s.id, u.id, u.email, u.name, m.tenant_id, t.slug, m.role, r.permissions,
             exists (select 1 from instance_roles i where i.user_id = u.id and i.role = 'operator'), s.expires_at, s.seen_at, u.must_change_password
        from user_sessions s
        join users u on u.id = s.user_id and u.disabled_at is null
        left join memberships m on m.user_id = u.id and m.tenant_id = s.tenant_id
        left join tenants t on t.id = m.tenant_id
        left join roles r on r.tenant_id = m.tenant_id and r.key = m.role
       where s.token_hash = p_token_hash and s.revoked_at is null and s.expires_at > p_now $$;
call system_function('user_session_lookup(bytea, timestamptz)');
create function user_session_touch(p_id uuid, p_seen timestamptz, p_expires timestamptz) returns void language sql security definer set search_path = public, pg_temp
as $$ update user_sessions set seen_at = p_seen, expires_at = p_expires where id = p_id and revoked_at is null $$;
call system_function('user_session_touch(uuid, timestamptz, timestamptz)');
create function user_session_revoke(p_id uuid, p_at timestamptz) returns void language sql security definer set search_path = public, pg_temp
as $$ update user_sessions set revoked_at = p_at where id = p_id and revoked_at is null $$;
call system_function('user_session_revoke(uuid, timestamptz)');
create function user_sessions_revoke_all(p_user uuid, p_at timestamptz) returns int language sql security definer set search_path = public, pg_temp
as $$ with r as (update user_sessions set revoked_at = p_at where user_id = p_user and revoked_at is null returning 1) select count(*)::int from r $$;
call system_function('user_sessions_revoke_all(uuid, timestamptz)');
-- Moves a session to another tenant of the same user; null where they are no member.
create function user_session_set_tenant(p_id uuid, p_tenant uuid) returns uuid language sql security definer set search_path = public, pg_temp
as $$ update user_sessions s set tenant_id = p_tenant
       where s.id = p_id and exists (select 1 from memberships m where m.user_id = s.user_id and m.tenant_id = p_tenant) returning s.tenant_id $$;
call system_function('user_session_set_tenant(uuid, uuid)');

create function api_key_lookup(p_key_hash bytea, p_now timestamptz) returns table (tenant_id uuid, id uuid, scopes text[], tenant_slug text) language sql stable security definer set search_path = public, pg_temp
as $$ select k.tenant_id, k.id, k.scopes, t.slug from api_keys k join tenants t on t.id = k.tenant_id and t.status = 'active'
       where k.key_hash = p_key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > p_now) $$;
call system_function('api_key_lookup(bytea, timestamptz)');
create function api_key_used(p_tenant uuid, p_id uuid, p_at timestamptz) returns void language sql security definer set search_path = public, pg_temp
as $$ update api_keys set last_used_at = p_at where tenant_id = p_tenant and id = p_id and (last_used_at is null or last_used_at < p_at - interval '1 minute') $$;
call system_function('api_key_used(uuid, uuid, timestamptz)');
