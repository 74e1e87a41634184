-- One's own account: the name, other sessions, and a link with which a forgotten password is replaced.

create function user_rename(p_user uuid, p_name text, p_tenant uuid, p_ip text, p_audit uuid, p_at timestamptz) returns void
  language sql security definer set search_path = public, pg_temp
as $$
  update users set name = p_name where id = p_user;
  select audit_append(p_audit, p_tenant, p_at, 'user', p_user, p_ip, 'user.renamed', 'user', p_user::text);
$$;
call system_function('user_rename(uuid, text, uuid, text, uuid, timestamptz)');

-- Ends every session of the user but p_keep; returns how many.
create function user_sessions_revoke_others(p_user uuid, p_keep uuid, p_tenant uuid, p_ip text, p_audit uuid, p_at timestamptz) returns int
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare ended int;
begin
  update user_sessions set revoked_at = p_at where user_id = p_user and id <> p_keep and revoked_at is null and expires_at > p_at;
  get diagnostics ended = row_count;
  if ended > 0 then
    perform audit_append(p_audit, p_tenant, p_at, 'user', p_user, p_ip, 'auth.other_sessions_ended', 'user', p_user::text, jsonb_build_object('sessions', ended));
  end if;
  return ended;
end $$;
call system_function('user_sessions_revoke_others(uuid, uuid, uuid, text, uuid, timestamptz)');

-- One at a time for each account. The old password holds until the link is used.
create table password_links (
  user_id uuid primary key references users (id) on delete cascade,
  tenant_id uuid not null references tenants (id) on delete cascade, -- whose member it was made for
  made_by uuid, -- null: a key, or the operator
  code_hash bytea not null unique check (length(code_hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null
);
grant select, insert, update, delete on password_links to {definer};

-- Whatever sets a password makes a link that waits worthless.
create function password_links_void() returns trigger language plpgsql set search_path = public, pg_temp
as $$
begin
  delete from password_links where user_id = new.id;
  return null;
end $$;
revoke all on function password_links_void() from public;
create trigger password_links_void after update of password_hash on users for each row
  when (old.password_hash is distinct from new.password_hash) execute function password_links_void();

-- A link opens what its maker was allowed when it was made, and nothing that came later: another role, another tenant or the
-- operator's rights for its user, another role or the end of the membership for its maker.
create function password_links_void_membership() returns trigger language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    delete from password_links where user_id = new.user_id;
  else
    delete from password_links where user_id = old.user_id or (tenant_id = old.tenant_id and made_by = old.user_id);
  end if;
  return null;
end $$;
create trigger password_links_void_added after insert or delete on memberships for each row execute function password_links_void_membership();
create trigger password_links_void_changed after update of role on memberships for each row
  when (old.role is distinct from new.role) execute function password_links_void_membership();
create trigger password_links_void_operator after insert on instance_roles for each row execute function password_links_void_membership();
call system_function('password_links_void_membership()');

create function password_links_void_role() returns trigger language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  delete from password_links l using memberships m
   where m.tenant_id = new.tenant_id and m.role = new.key and l.tenant_id = m.tenant_id and m.user_id in (l.user_id, l.made_by);
  return null;
end $$;
create trigger password_links_void_role after update of permissions on roles for each row
  when (old.permissions is distinct from new.permissions) execute function password_links_void_role();
call system_function('password_links_void_role()');

-- For a member who has no account elsewhere: one tenant must not open another's door. p_role is the role that the maker was checked
-- against; both memberships are locked, so that whatever changes them comes before this, and is seen, or after it, and voids the link.
-- Outcomes: made | shared | changed | none.
create function member_password_link(p_tenant uuid, p_user uuid, p_role text, p_code_hash bytea, p_expires timestamptz, p_actor_kind text, p_actor uuid, p_ip text, p_audit uuid, p_at timestamptz)
  returns text language plpgsql security definer set search_path = public, pg_temp
as $$
declare maker uuid := case when p_actor_kind = 'user' then p_actor end;
begin
  perform 1 from users u join memberships m on m.user_id = u.id and m.tenant_id = p_tenant where u.id = p_user for update of u;
  if not found then
    return 'none';
  end if;
  if exists (select 1 from memberships where user_id = p_user and tenant_id <> p_tenant) or exists (select 1 from instance_roles where user_id = p_user) then
    return 'shared';
  end if;
  -- Owners first, as everybody who changes a membership.
  perform 1 from memberships where tenant_id = p_tenant and user_id in (p_user, maker) order by role <> 'owner', user_id for share;
  if not exists (select 1 from memberships where tenant_id = p_tenant and user_id = p_user and role = p_role)
     or maker is not null and not exists (select 1 from memberships where tenant_id = p_tenant and user_id = maker) then
    return 'changed';
  end if;
  insert into password_links (user_id, tenant_id, made_by, code_hash, created_at, expires_at) values (p_user, p_tenant, maker, p_code_hash, p_at, p_expires)
    on conflict (user_id) do update set tenant_id = excluded.tenant_id, made_by = excluded.made_by, code_hash = excluded.code_hash,
      created_at = excluded.created_at, expires_at = excluded.expires_at;
  perform audit_append(p_audit, p_tenant, p_at, p_actor_kind, p_actor, p_ip, 'member.password_link_made', 'user', p_user::text);
  return 'made';
end $$;
call system_function('member_password_link(uuid, uuid, text, bytea, timestamptz, text, uuid, text, uuid, timestamptz)');

-- The address of the account that a live link is for.
create function password_link_email(p_code_hash bytea, p_now timestamptz) returns text language sql stable security definer set search_path = public, pg_temp
as $$ select u.email from password_links l join users u on u.id = l.user_id and u.disabled_at is null where l.code_hash = p_code_hash and l.expires_at > p_now $$;
call system_function('password_link_email(bytea, timestamptz)');

-- Sets the password and ends every session; the second factor stays. Null: the link is used up, replaced or too old, or the account is
-- disabled or no longer of that tenant alone.
create function password_link_use(p_code_hash bytea, p_password_hash text, p_ip text, p_at timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare account uuid; home uuid; address text;
begin
  select l.user_id into account from password_links l where l.code_hash = p_code_hash and l.expires_at > p_at;
  perform 1 from users where id = account and disabled_at is null for update; -- first, as whoever makes one
  if not found then
    return null;
  end if;
  delete from password_links where user_id = account and code_hash = p_code_hash returning tenant_id into home;
  if home is null or not exists (select 1 from memberships where user_id = account and tenant_id = home)
     or exists (select 1 from memberships where user_id = account and tenant_id <> home) or exists (select 1 from instance_roles where user_id = account) then
    return null;
  end if;
  update users set password_hash = p_password_hash, must_change_password = false where id = account returning email into address;
  update user_sessions set revoked_at = p_at where user_id = account and revoked_at is null;
  delete from sign_in_attempts where address_hash = sha256(convert_to(address, 'UTF8'));
  perform audit_append(gen_random_uuid(), m.tenant_id, p_at, 'user', account, p_ip, 'auth.password_changed', 'user', account::text, '{"by": "link"}')
     from memberships m where m.user_id = account;
  return true;
end $$;
call system_function('password_link_use(bytea, text, text, timestamptz)');

set local role {definer};
create or replace function identity_expire(p_now timestamptz) returns bigint language plpgsql security definer set search_path = public, pg_temp
as $$
declare n bigint; m bigint; l bigint;
begin
  delete from user_sessions where coalesce(revoked_at, expires_at) < p_now - interval '90 days';
  get diagnostics n = row_count;
  delete from invitations where expires_at < p_now - interval '30 days';
  get diagnostics m = row_count;
  delete from password_links where expires_at < p_now;
  get diagnostics l = row_count;
  delete from sign_in_attempts where last_at < p_now - interval '1 day';
  return n + m + l;
end $$;
reset role;
