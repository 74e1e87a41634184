-- A second factor at sign-in: time-based codes (RFC 6238), and recovery codes for when the device is away.

-- Set while sign-in asks for the second factor.
alter table users add column second_factor_at timestamptz;
grant select (second_factor_at) on users to {app};

create table user_factors (
  user_id uuid primary key references users (id) on delete cascade,
  secret bytea not null,              -- sealed with a key of the master key
  last_step bigint not null default 0, -- of the newest code that was taken: no code opens twice
  created_at timestamptz not null
);
create table user_recovery_codes (
  user_id uuid not null references user_factors (user_id) on delete cascade,
  code_hash bytea not null check (length(code_hash) = 32), -- keyed with the master key
  primary key (user_id, code_hash)
);
grant select, insert, update, delete on user_factors, user_recovery_codes to {definer};

-- Who has this role must have a second factor before they may do anything else.
alter table roles add column requires_second_factor boolean not null default false;

create or replace view v_members with (security_invoker = true) as
  select m.tenant_id, m.user_id, u.email, u.name, m.role, m.created_at, u.disabled_at is not null as disabled, u.second_factor_at is not null as second_factor
    from memberships m join users u on u.id = m.user_id;

-- A secret that waits to be confirmed; false where a second factor is in use already.
create function second_factor_begin(p_user uuid, p_secret bytea, p_at timestamptz) returns boolean language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  perform 1 from users where id = p_user and second_factor_at is null for update;
  if not found then
    return false;
  end if;
  delete from user_factors where user_id = p_user;
  insert into user_factors (user_id, secret, created_at) values (p_user, p_secret, p_at);
  return true;
end $$;
call system_function('second_factor_begin(uuid, bytea, timestamptz)');

create function second_factor_of(p_user uuid) returns table (secret bytea, last_step bigint, enabled_at timestamptz, recovery_codes int)
  language sql stable security definer set search_path = public, pg_temp
as $$ select f.secret, f.last_step, u.second_factor_at, (select count(*)::int from user_recovery_codes c where c.user_id = u.id)
        from users u join user_factors f on f.user_id = u.id where u.id = p_user $$;
call system_function('second_factor_of(uuid)');

-- The first code was right: from now on sign-in asks. Every other session ends, because none of them was opened with it.
create function second_factor_enable(p_user uuid, p_secret bytea, p_step bigint, p_codes bytea[], p_keep uuid, p_tenant uuid, p_ip text, p_audit uuid, p_at timestamptz)
  returns boolean language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  update users u set second_factor_at = p_at where u.id = p_user and u.second_factor_at is null
     and exists (select 1 from user_factors f where f.user_id = p_user and f.secret = p_secret);
  if not found then
    return false;
  end if;
  update user_factors set last_step = p_step where user_id = p_user;
  insert into user_recovery_codes select p_user, code from unnest(p_codes) as c (code);
  update user_sessions set revoked_at = p_at where user_id = p_user and revoked_at is null and id <> p_keep;
  perform audit_append(p_audit, p_tenant, p_at, 'user', p_user, p_ip, 'auth.second_factor_enabled', 'user', p_user::text);
  return true;
end $$;
call system_function('second_factor_enable(uuid, bytea, bigint, bytea[], uuid, uuid, text, uuid, timestamptz)');

-- Takes the code of a step; null where it, or a newer one, was taken before, also by a request at the same moment.
create function second_factor_take(p_user uuid, p_step bigint) returns boolean language sql security definer set search_path = public, pg_temp
as $$ update user_factors set last_step = p_step where user_id = p_user and last_step < p_step returning true $$;
call system_function('second_factor_take(uuid, bigint)');

-- Uses a recovery code up; null where it is none of the user's. Told in the log of each of their workspaces.
create function recovery_code_take(p_user uuid, p_code bytea, p_ip text, p_at timestamptz) returns boolean language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  delete from user_recovery_codes where user_id = p_user and code_hash = p_code;
  if not found then
    return null;
  end if;
  perform audit_append(gen_random_uuid(), m.tenant_id, p_at, 'user', p_user, p_ip, 'auth.recovery_code_used', 'user', p_user::text)
     from memberships m where m.user_id = p_user;
  return true;
end $$;
call system_function('recovery_code_take(uuid, bytea, text, timestamptz)');

create function recovery_codes_replace(p_user uuid, p_codes bytea[], p_tenant uuid, p_ip text, p_audit uuid, p_at timestamptz) returns void
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  perform 1 from user_factors where user_id = p_user for update;
  delete from user_recovery_codes where user_id = p_user;
  insert into user_recovery_codes select p_user, code from unnest(p_codes) as c (code);
  perform audit_append(p_audit, p_tenant, p_at, 'user', p_user, p_ip, 'auth.recovery_codes_replaced', 'user', p_user::text);
end $$;
call system_function('recovery_codes_replace(uuid, bytea[], uuid, text, uuid, timestamptz)');

-- The user switches it off; false where there is none.
create function second_factor_disable(p_user uuid, p_tenant uuid, p_ip text, p_audit uuid, p_at timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  delete from user_factors where user_id = p_user;
  update users set second_factor_at = null where id = p_user and second_factor_at is not null;
  if not found then
    return false;
  end if;
  perform audit_append(p_audit, p_tenant, p_at, 'user', p_user, p_ip, 'auth.second_factor_disabled', 'user', p_user::text);
  return true;
end $$;
call system_function('second_factor_disable(uuid, uuid, text, uuid, timestamptz)');

-- An owner takes it from a member who lost the device and the recovery codes. One tenant must not weaken another's door.
-- Outcomes: reset | shared | none.
create function member_reset_second_factor(p_tenant uuid, p_user uuid, p_actor_kind text, p_actor uuid, p_ip text, p_audit uuid, p_at timestamptz)
  returns text language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  perform 1 from users u join memberships m on m.user_id = u.id and m.tenant_id = p_tenant where u.id = p_user and u.second_factor_at is not null for update of u;
  if not found then
    return 'none';
  end if;
  if exists (select 1 from memberships where user_id = p_user and tenant_id <> p_tenant) or exists (select 1 from instance_roles where user_id = p_user) then
    return 'shared';
  end if;
  delete from user_factors where user_id = p_user;
  update users set second_factor_at = null where id = p_user;
  update user_sessions set revoked_at = p_at where user_id = p_user and revoked_at is null;
  perform audit_append(p_audit, p_tenant, p_at, p_actor_kind, p_actor, p_ip, 'member.second_factor_reset', 'user', p_user::text);
  return 'reset';
end $$;
call system_function('member_reset_second_factor(uuid, uuid, text, uuid, text, uuid, timestamptz)');

-- The session tells whether its user has a second factor and whether the role asks for one.
set local role {definer};
drop function user_session_lookup(bytea, timestamptz);
reset role;
create function user_session_lookup(p_token_hash bytea, p_now timestamptz)
  returns table (session_id uuid, user_id uuid, email text, name text, tenant_id uuid, tenant_slug text, tenant_name text, role text, permissions text[],
    is_operator boolean, created_at timestamptz, seen_at timestamptz, expires_at timestamptz, must_change_password boolean,
    has_second_factor boolean, requires_second_factor boolean)
  language sql stable security definer set search_path = public, pg_temp
as $$ select s.id, u.id, u.email, u.name, m.tenant_id, t.slug, t.name, m.role, r.permissions,
             exists (select 1 from instance_roles i where i.user_id = u.id and i.role = 'operator'),
             s.created_at, s.seen_at, s.expires_at, u.must_change_password, u.second_factor_at is not null, r.requires_second_factor
        from user_sessions s
        join users u on u.id = s.user_id and u.disabled_at is null
        join memberships m on m.user_id = u.id and m.tenant_id = s.tenant_id
        join tenants t on t.id = m.tenant_id and t.status = 'active'
        join roles r on r.tenant_id = m.tenant_id and r.key = m.role
       where s.token_hash = p_token_hash and s.revoked_at is null and s.expires_at > p_now $$;
call system_function('user_session_lookup(bytea, timestamptz)');

-- Opens a session in the tenant that the user was in last, or else joined first; no row: no active tenant has them, or they have
-- a second factor by now and no code of it was looked at. The row is locked: who switches one on ends this session, or this one sees it.
set local role {definer};
drop function user_session_create(uuid, bytea, uuid, text, text, uuid, timestamptz, timestamptz);
reset role;
create function user_session_create(p_id uuid, p_token_hash bytea, p_user uuid, p_with_factor boolean, p_ip text, p_agent text, p_audit uuid, p_at timestamptz, p_expires timestamptz)
  returns setof uuid language plpgsql security definer set search_path = public, pg_temp
as $$
declare home uuid;
begin
  perform 1 from users u where u.id = p_user and (p_with_factor or u.second_factor_at is null) for share;
  if not found then
    return;
  end if;
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
call system_function('user_session_create(uuid, bytea, uuid, boolean, text, text, uuid, timestamptz, timestamptz)');

-- The last resort takes the second factor, too: who can start commands on the machine holds the master key anyway.
set local role {definer};
create or replace function account_reset(p_email text, p_password_hash text, p_at timestamptz) returns uuid
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare account uuid;
begin
  update users u set password_hash = p_password_hash, disabled_at = null, second_factor_at = null,
         must_change_password = not exists (select 1 from instance_roles i where i.user_id = u.id and i.role = 'operator')
   where u.email = lower(p_email) returning u.id into account;
  if account is null then
    return null;
  end if;
  delete from user_factors where user_id = account;
  update user_sessions set revoked_at = p_at where user_id = account and revoked_at is null;
  delete from sign_in_attempts where address_hash = sha256(convert_to(lower(p_email), 'UTF8'));
  perform audit_append(gen_random_uuid(), m.tenant_id, p_at, 'operator', null, null, 'account.reset', 'user', account::text)
     from memberships m where m.user_id = account;
  return account;
end $$;
reset role;
