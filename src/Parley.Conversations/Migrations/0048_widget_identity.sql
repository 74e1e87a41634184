-- Keys by which a company's own server says who a visitor is: it signs a token, and the widget's session is then of that person. The keys
-- themselves are sealed in secrets.
create table identity_keys (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  name text not null check (length(name) between 1 and 100),
  secret_hint text not null,
  created_by uuid,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id)
);
call tenant_table('identity_keys');

-- Which key a session rests on; null: nobody said who it is. Such a session lasts as long as its token is renewed, and ends with its key.
alter table end_user_sessions add column identity_key_id uuid;
alter table end_user_sessions add constraint end_user_sessions_identity_key foreign key (tenant_id, identity_key_id) references identity_keys (tenant_id, id) on delete cascade;
create index end_user_sessions_identity_key on end_user_sessions (tenant_id, identity_key_id) where identity_key_id is not null;

set local role {definer};
drop function end_user_session_lookup(bytea, timestamptz);
reset role;
create function end_user_session_lookup(p_token_hash bytea, p_now timestamptz)
  returns table (tenant_id uuid, session_id uuid, end_user_id uuid, widget_id uuid, expires_at timestamptz, identity_key_id uuid) language sql stable security definer set search_path = public, pg_temp
as $$ select s.tenant_id, s.id, s.end_user_id, s.widget_id, s.expires_at, s.identity_key_id
        from end_user_sessions s join widgets w on w.tenant_id = s.tenant_id and w.id = s.widget_id and w.archived_at is null
       where s.token_hash = p_token_hash and s.revoked_at is null and s.expires_at > p_now $$;
call system_function('end_user_session_lookup(bytea, timestamptz)');
