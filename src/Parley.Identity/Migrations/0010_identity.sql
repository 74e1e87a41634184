-- Identity: users (global), memberships and roles (per tenant), sessions, API keys, audit.

create table users (
  id uuid primary key,
  email text not null check (email = lower(email) and length(email) between 3 and 254 and email like '%_@_%'),
  name text not null check (length(name) between 1 and 200),
  password_hash text,
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

-- Counts sign-ins by SHA-256 of the address, known or not: what answers an address never tells whether it has an account.
create table sign_in_attempts (
  address_hash bytea primary key check (length(address_hash) = 32),
  failures int not null,
  last_at timestamptz not null,
  locked_until timestamptz
);
grant select, insert, update, delete on sign_in_attempts to {definer};

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
create unique index roles_name on roles (tenant_id, lower(name));

create table memberships (
  tenant_id uuid not null references tenants (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  role text not null,
  created_at timestamptz not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, role) references roles (tenant_id, key) deferrable
);
call tenant_table('memberships');
create index memberships_user on memberships (user_id);

-- For people who have an account on this instance: only they can accept, so that no tenant makes itself a way into another by
-- knowing an address or by having made the account first.
create table invitations (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  email text not null check (email = lower(email)),
  role text not null,
  code_hash bytea not null unique check (length(code_hash) = 32),
  created_by uuid,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, email),
  foreign key (tenant_id, role) references roles (tenant_id, key) deferrable
);
call tenant_table('invitations');

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

-- Append-only; written in the transaction of what it records. The payload and its salt may be erased; the salted hash
-- stays, says nothing about them and keeps the chain whole.
create table audit (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('user', 'api_key', 'end_user', 'assistant', 'system', 'operator')),
  actor_id uuid,
  action text not null check (action ~ '^[a-z_]+([.][a-z_]+)+$'), -- resource.verb, e.g. knowledge.source.deleted
  target_kind text,
  target_id text,
  payload jsonb,
  payload_salt bytea,
  payload_hash bytea not null,
  ip text,
  primary key (tenant_id, id, at)
) partition by range (at);
call tenant_table('audit', 'select, insert');
call partition_by_month('audit');
create index audit_at on audit (tenant_id, at desc, id desc);

-- The hash is computed here, from what is really stored, whoever inserts.
create function audit_hash_payload() returns trigger language plpgsql set search_path = public, pg_temp
as $$
begin
  new.payload_salt := uuid_send(gen_random_uuid());
  new.payload_hash := sha256(new.payload_salt || convert_to(coalesce(new.payload::text, ''), 'UTF8'));
  return new;
end $$;
revoke all on function audit_hash_payload() from public;
create trigger audit_hash_payload before insert on audit for each row execute function audit_hash_payload();

-- The chain is computed by a worker, so that writers never wait for each other. row_hash covers one audit row, hash covers
-- the whole chain up to it and is keyed by the master key: who can write to the database alone cannot forge it.
create table audit_chain (
  tenant_id uuid not null references tenants (id) on delete cascade,
  position bigint not null check (position > 0),
  audit_id uuid not null,
  at timestamptz not null,
  row_hash bytea not null check (length(row_hash) = 32),
  hash bytea not null check (length(hash) = 32),
  key_id text not null,
  primary key (tenant_id, position),
  unique (tenant_id, audit_id)
);
call tenant_table('audit_chain', 'select, insert');

-- ---- what SystemDb may do ----

-- Writes an audit row for the definer's own functions below, which change global tables and tenant rows in one statement.
create function audit_append(p_id uuid, p_tenant uuid, p_at timestamptz, p_actor_kind text, p_actor uuid, p_ip text, p_action text, p_target_kind text, p_target text, p_payload jsonb default null) returns void
  language sql security definer set search_path = public, pg_temp
as $$ insert into audit (tenant_id, id, at, actor_kind, actor_id, action, target_kind, target_id, payload, ip)
      values (p_tenant, p_id, p_at, p_actor_kind, p_actor, p_action, p_target_kind, p_target, p_payload, p_ip) $$;
call system_function('audit_append(uuid, uuid, timestamptz, text, uuid, text, text, text, text, jsonb)');

-- Tenants with audit rows that are not in the chain yet.
create function audit_unchained_tenants() returns setof uuid language sql stable security definer set search_path = public, pg_temp
as $$ select t.id from tenants t
       where exists (select 1 from audit a
                      where a.tenant_id = t.id
                        and a.at > coalesce((select c.at from audit_chain c where c.tenant_id = t.id order by c.position desc limit 1), '-infinity') - interval '1 hour'
                        and not exists (select 1 from audit_chain c where c.tenant_id = t.id and c.audit_id = a.id))
       order by t.id $$;
call system_function('audit_unchained_tenants()');

create function user_by_email(p_email text)
  returns table (id uuid, name text, password_hash text, must_change_password boolean)
  language sql stable security definer set search_path = public, pg_temp
as $$ select id, name, password_hash, must_change_password from users where email = lower(p_email) and disabled_at is null $$;
call system_function('user_by_email(text)');
create function user_password_hash(p_id uuid) returns text language sql stable security definer set search_path = public, pg_temp
as $$ select password_hash from users where id = p_id and disabled_at is null $$;
call system_function('user_password_hash(uuid)');

-- Takes one attempt to sign in, before the password is looked at, so that parallel guesses cannot pass the limit together.
-- Null: go on. Otherwise locked until then. The count starts anew after a lock, or p_window after the last attempt.
create function sign_in_attempt(p_address_hash bytea, p_now timestamptz, p_threshold int, p_window interval) returns timestamptz
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare a sign_in_attempts;
begin
  insert into sign_in_attempts values (p_address_hash, 0, p_now, null) on conflict do nothing;
  select * into a from sign_in_attempts where address_hash = p_address_hash for update;
  if a.locked_until > p_now then
    return a.locked_until;
  end if;
  if a.locked_until is not null or a.last_at < p_now - p_window then
    a.failures := 0;
  end if;
  update sign_in_attempts
     set failures = a.failures + 1, last_at = p_now,
         locked_until = case when a.failures + 1 >= p_threshold then p_now + p_window end
   where address_hash = p_address_hash;
  return null;
end $$;
call system_function('sign_in_attempt(bytea, timestamptz, int, interval)');
create function sign_in_attempts_clear(p_address_hash bytea) returns void language sql security definer set search_path = public, pg_temp
as $$ delete from sign_in_attempts where address_hash = p_address_hash $$;
call system_function('sign_in_attempts_clear(bytea)');
create function sign_in_attempts_expire(p_before timestamptz) returns void language sql security definer set search_path = public, pg_temp
as $$ delete from sign_in_attempts where last_at < p_before $$;
call system_function('sign_in_attempts_expire(timestamptz)');

-- Makes the membership of a new user with its first password, and its audit row. An address that only a removed member left
-- behind counts as new: what its account once knew must not open the new one. Outcomes: added | member | elsewhere | no_role.
create function member_add(p_tenant uuid, p_user uuid, p_email text, p_name text, p_password_hash text, p_role text,
    p_actor_kind text, p_actor uuid, p_ip text, p_audit uuid, p_at timestamptz)
  returns text language plpgsql security definer set search_path = public, pg_temp
as $$
declare existing uuid;
begin
  if not exists (select 1 from roles where tenant_id = p_tenant and key = p_role) then
    return 'no_role';
  end if;
  select id into existing from users where email = lower(p_email) for update;
  if existing is not null then
    if exists (select 1 from memberships where tenant_id = p_tenant and user_id = existing) then
      return 'member';
    end if;
    if exists (select 1 from memberships where user_id = existing) or exists (select 1 from instance_roles where user_id = existing) then
      return 'elsewhere';
    end if;
    delete from users where id = existing;
  end if;
  insert into users (id, email, name, password_hash, must_change_password, created_at)
    values (p_user, lower(p_email), p_name, p_password_hash, true, p_at) on conflict (email) do nothing;
  if not found then
    return 'elsewhere'; -- Another tenant was faster by a moment.
  end if;
  insert into memberships (tenant_id, user_id, role, created_at) values (p_tenant, p_user, p_role, p_at);
  perform audit_append(p_audit, p_tenant, p_at, p_actor_kind, p_actor, p_ip, 'member.added', 'user', p_user::text, jsonb_build_object('role', p_role));
  return 'added';
end $$;
call system_function('member_add(uuid, uuid, text, text, text, text, text, uuid, text, uuid, timestamptz)');

-- Makes the user a member where the invitation is theirs; it is used up. No row: unknown, expired, or somebody else's.
create function invitation_accept(p_code_hash bytea, p_user uuid, p_ip text, p_audit uuid, p_at timestamptz) returns setof uuid
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare i invitations;
begin
  delete from invitations v using users u, tenants t
   where v.code_hash = p_code_hash and v.expires_at > p_at and u.id = p_user and u.email = v.email and t.id = v.tenant_id and t.status = 'active'
  returning v.* into i;
  if not found then
    return;
  end if;
  insert into memberships (tenant_id, user_id, role, created_at) values (i.tenant_id, p_user, i.role, p_at) on conflict do nothing;
  perform audit_append(p_audit, i.tenant_id, p_at, 'user', p_user, p_ip, 'member.joined', 'user', p_user::text, jsonb_build_object('role', i.role));
  return next i.tenant_id;
end $$;
call system_function('invitation_accept(bytea, uuid, text, uuid, timestamptz)');

-- Removes an account that belongs to no tenant any more.
create function user_delete_orphan(p_id uuid) returns boolean language sql security definer set search_path = public, pg_temp
as $$ delete from users u where u.id = p_id
        and not exists (select 1 from memberships m where m.user_id = u.id)
        and not exists (select 1 from instance_roles i where i.user_id = u.id) returning true $$;
call system_function('user_delete_orphan(uuid)');

-- Sets a password and ends every session of the user but p_keep; audited in p_tenant.
create function user_set_password(p_user uuid, p_password_hash text, p_must_change boolean, p_keep uuid,
    p_tenant uuid, p_actor_kind text, p_ip text, p_audit uuid, p_at timestamptz)
  returns void language sql security definer set search_path = public, pg_temp
as $$
  update users set password_hash = p_password_hash, must_change_password = p_must_change where id = p_user;
  update user_sessions set revoked_at = p_at where user_id = p_user and revoked_at is null and id is distinct from p_keep;
  select audit_append(p_audit, p_tenant, p_at, p_actor_kind, p_user, p_ip, 'auth.password_changed', 'user', p_user::text);
$$;
call system_function('user_set_password(uuid, text, boolean, uuid, uuid, text, text, uuid, timestamptz)');
-- The same password under a newer hash.
create function user_rehash(p_user uuid, p_old text, p_new text) returns void language sql security definer set search_path = public, pg_temp
as $$ update users set password_hash = p_new where id = p_user and password_hash = p_old $$;
call system_function('user_rehash(uuid, text, text)');

create function operators_exist() returns boolean language sql stable security definer set search_path = public, pg_temp
as $$ select exists (select 1 from instance_roles where role = 'operator') $$;
call system_function('operators_exist()');
create function operator_emails() returns setof text language sql stable security definer set search_path = public, pg_temp
as $$ select u.email from users u join instance_roles i on i.user_id = u.id and i.role = 'operator' order by u.created_at, u.email $$;
call system_function('operator_emails()');

-- Makes the account an instance operator and an owner of the tenant, all or nothing. With p_first_only it does nothing where
-- an operator exists: two nodes that start together make one. Returns whether it was made.
create function operator_create(p_user uuid, p_email text, p_name text, p_password_hash text, p_tenant uuid, p_first_only boolean, p_audit uuid, p_at timestamptz)
  returns boolean language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  lock table instance_roles in share row exclusive mode;
  if p_first_only and exists (select 1 from instance_roles where role = 'operator') then
    return false;
  end if;
  insert into users (id, email, name, password_hash, created_at) values (p_user, lower(p_email), p_name, p_password_hash, p_at) on conflict (email) do nothing;
  if not found then
    return false;
  end if;
  insert into instance_roles values (p_user, 'operator');
  insert into memberships (tenant_id, user_id, role, created_at) values (p_tenant, p_user, 'owner', p_at);
  perform audit_append(p_audit, p_tenant, p_at, 'operator', null, null, 'operator.created', 'user', p_user::text);
  return true;
end $$;
call system_function('operator_create(uuid, text, text, text, uuid, boolean, uuid, timestamptz)');

-- A new password for an account, which also gets back what disabled or locked it; every session ends. An operator keeps the
-- password that the terminal shows, anybody else must change it. Null: no such account.
create function account_reset(p_email text, p_password_hash text, p_at timestamptz) returns uuid
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare account uuid;
begin
  update users u set password_hash = p_password_hash, disabled_at = null,
         must_change_password = not exists (select 1 from instance_roles i where i.user_id = u.id and i.role = 'operator')
   where u.email = lower(p_email) returning u.id into account;
  if account is null then
    return null;
  end if;
  update user_sessions set revoked_at = p_at where user_id = account and revoked_at is null;
  delete from sign_in_attempts where address_hash = sha256(convert_to(lower(p_email), 'UTF8'));
  perform audit_append(gen_random_uuid(), m.tenant_id, p_at, 'operator', null, null, 'account.reset', 'user', account::text)
     from memberships m where m.user_id = account;
  return account;
end $$;
call system_function('account_reset(text, text, timestamptz)');

-- A new first password for a member who has no account elsewhere: one tenant must not open another's door.
-- Outcomes: reset | shared | none.
create function member_reset_password(p_tenant uuid, p_user uuid, p_password_hash text, p_actor_kind text, p_actor uuid, p_ip text, p_audit uuid, p_at timestamptz)
  returns text language plpgsql security definer set search_path = public, pg_temp
as $$
declare address text;
begin
  select u.email into address from users u join memberships m on m.user_id = u.id and m.tenant_id = p_tenant where u.id = p_user for update of u;
  if address is null then
    return 'none';
  end if;
  if exists (select 1 from memberships where user_id = p_user and tenant_id <> p_tenant) or exists (select 1 from instance_roles where user_id = p_user) then
    return 'shared';
  end if;
  update users set password_hash = p_password_hash, must_change_password = true where id = p_user;
  update user_sessions set revoked_at = p_at where user_id = p_user and revoked_at is null;
  delete from sign_in_attempts where address_hash = sha256(convert_to(address, 'UTF8'));
  perform audit_append(p_audit, p_tenant, p_at, p_actor_kind, p_actor, p_ip, 'member.password_reset', 'user', p_user::text);
  return 'reset';
end $$;
call system_function('member_reset_password(uuid, uuid, text, text, uuid, text, uuid, timestamptz)');

create function memberships_of(p_user uuid) returns table (tenant_id uuid, slug text, name text, role text) language sql stable security definer set search_path = public, pg_temp
as $$ select m.tenant_id, t.slug, t.name, m.role from memberships m join tenants t on t.id = m.tenant_id and t.status = 'active'
       where m.user_id = p_user order by m.created_at, m.tenant_id $$;
call system_function('memberships_of(uuid)');

-- Opens a session in the tenant that the user was in last, or else joined first; no row: no active tenant has them.
create function user_session_create(p_id uuid, p_token_hash bytea, p_user uuid, p_ip text, p_agent text, p_audit uuid, p_at timestamptz, p_expires timestamptz)
  returns setof uuid language plpgsql security definer set search_path = public, pg_temp
as $$
declare home uuid;
begin
  select m.tenant_id into home
    from memberships m join tenants t on t.id = m.tenant_id and t.status = 'active'
   where m.user_id = p_user
   order by (select max(s.seen_at) from user_sessions s where s.user_id = p_user and s.tenant_id = m.tenant_id) desc nulls last, m.created_at, m.tenant_id
   limit 1;
  if home is null then
    return;
  end if;
  -- What ended long ago serves no listing any more.
  delete from user_sessions where user_id = p_user and coalesce(revoked_at, expires_at) < p_at - interval '90 days';
  insert into user_sessions (id, token_hash, user_id, tenant_id, ip, user_agent, created_at, seen_at, expires_at)
    values (p_id, p_token_hash, p_user, home, p_ip, p_agent, p_at, p_at, p_expires);
  perform audit_append(p_audit, home, p_at, 'user', p_user, p_ip, 'auth.signed_in', 'session', p_id::text);
  return next home;
end $$;
call system_function('user_session_create(uuid, bytea, uuid, text, text, uuid, timestamptz, timestamptz)');

-- A live session with its user's role and, of a custom role, the permissions in the session's tenant; no row: not signed in.
create function user_session_lookup(p_token_hash bytea, p_now timestamptz)
  returns table (session_id uuid, user_id uuid, email text, name text, tenant_id uuid, tenant_slug text, tenant_name text, role text, permissions text[],
    is_operator boolean, created_at timestamptz, seen_at timestamptz, expires_at timestamptz, must_change_password boolean)
  language sql stable security definer set search_path = public, pg_temp
as $$ select s.id, u.id, u.email, u.name, m.tenant_id, t.slug, t.name, m.role, r.permissions,
             exists (select 1 from instance_roles i where i.user_id = u.id and i.role = 'operator'),
             s.created_at, s.seen_at, s.expires_at, u.must_change_password
        from user_sessions s
        join users u on u.id = s.user_id and u.disabled_at is null
        join memberships m on m.user_id = u.id and m.tenant_id = s.tenant_id
        join tenants t on t.id = m.tenant_id and t.status = 'active'
        join roles r on r.tenant_id = m.tenant_id and r.key = m.role
       where s.token_hash = p_token_hash and s.revoked_at is null and s.expires_at > p_now $$;
call system_function('user_session_lookup(bytea, timestamptz)');
create function user_session_touch(p_id uuid, p_seen timestamptz, p_expires timestamptz) returns void language sql security definer set search_path = public, pg_temp
as $$ update user_sessions set seen_at = p_seen, expires_at = p_expires where id = p_id and revoked_at is null $$;
call system_function('user_session_touch(uuid, timestamptz, timestamptz)');
-- Ends one of the user's own sessions.
create function user_session_revoke(p_id uuid, p_user uuid, p_ip text, p_audit uuid, p_at timestamptz) returns boolean language plpgsql security definer set search_path = public, pg_temp
as $$
declare home uuid;
begin
  update user_sessions set revoked_at = p_at where id = p_id and user_id = p_user and revoked_at is null returning tenant_id into home;
  if not found then
    return false;
  end if;
  perform audit_append(p_audit, home, p_at, 'user', p_user, p_ip, 'auth.signed_out', 'session', p_id::text);
  return true;
end $$;
call system_function('user_session_revoke(uuid, uuid, text, uuid, timestamptz)');
create function user_sessions_of(p_user uuid, p_now timestamptz)
  returns table (id uuid, ip text, user_agent text, created_at timestamptz, seen_at timestamptz, expires_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
as $$ select id, ip, user_agent, created_at, seen_at, expires_at from user_sessions
       where user_id = p_user and revoked_at is null and expires_at > p_now order by seen_at desc, id limit 200 $$;
call system_function('user_sessions_of(uuid, timestamptz)');
-- Moves a session to another tenant of the same user; false where they are no member.
create function user_session_set_tenant(p_id uuid, p_user uuid, p_tenant uuid, p_ip text, p_audit uuid, p_at timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  update user_sessions s set tenant_id = p_tenant
   where s.id = p_id and s.user_id = p_user and s.revoked_at is null
     and exists (select 1 from memberships m join tenants t on t.id = m.tenant_id and t.status = 'active' where m.user_id = p_user and m.tenant_id = p_tenant);
  if not found then
    return false;
  end if;
  perform audit_append(p_audit, p_tenant, p_at, 'user', p_user, p_ip, 'auth.tenant_entered', 'session', p_id::text);
  return true;
end $$;
call system_function('user_session_set_tenant(uuid, uuid, uuid, text, uuid, timestamptz)');

create function api_key_lookup(p_key_hash bytea, p_now timestamptz) returns table (tenant_id uuid, id uuid, name text, scopes text[], last_used_at timestamptz) language sql stable security definer set search_path = public, pg_temp
as $$ select k.tenant_id, k.id, k.name, k.scopes, k.last_used_at from api_keys k join tenants t on t.id = k.tenant_id and t.status = 'active'
       where k.key_hash = p_key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > p_now) $$;
call system_function('api_key_lookup(bytea, timestamptz)');
create function api_key_used(p_tenant uuid, p_id uuid, p_at timestamptz) returns void language sql security definer set search_path = public, pg_temp
as $$ update api_keys set last_used_at = p_at where tenant_id = p_tenant and id = p_id and (last_used_at is null or last_used_at < p_at - interval '1 minute') $$;
call system_function('api_key_used(uuid, uuid, timestamptz)');
