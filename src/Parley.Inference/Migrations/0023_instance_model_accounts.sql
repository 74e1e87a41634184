-- How the last test of a connection ended, in words for people.
alter table model_accounts add column test_model text, add column test_message text;

-- Access to providers of models that the operator of the instance shares with all tenants. The key is sealed by the master key; only the system's
-- functions reach it.
create table instance_model_accounts (
  id uuid primary key,
  name text not null unique,
  provider text not null,
  base_url text,                         -- null: the provider's own
  key_hint text,                         -- for the operator; no tenant sees it
  master_key_id text,                    -- which master key sealed it; null: it has no key
  sealed_key bytea,
  requests_per_minute int check (requests_per_minute > 0),
  tokens_per_minute int check (tokens_per_minute > 0),
  concurrency int check (concurrency > 0),
  enabled boolean not null default true,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((master_key_id is null) = (sealed_key is null))
);
grant select, insert, update, delete on instance_model_accounts to {definer};

create function instance_model_accounts_all() returns setof instance_model_accounts language sql stable security definer set search_path = public, pg_temp
as $$ select * from instance_model_accounts order by name $$;
call system_function('instance_model_accounts_all()');

-- False: the name is another's, or what is to be changed is gone. A key is replaced only where p_new_key says so.
create function instance_model_account_save(
  p_new boolean, p_id uuid, p_name text, p_provider text, p_base_url text, p_requests int, p_tokens int, p_concurrency int, p_enabled boolean,
  p_new_key boolean, p_hint text, p_key_id text, p_sealed bytea, p_now timestamptz
) returns boolean language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if p_new then
    insert into instance_model_accounts (id, name, provider, base_url, key_hint, master_key_id, sealed_key, requests_per_minute, tokens_per_minute, concurrency, enabled, created_at, updated_at)
    values (p_id, p_name, p_provider, p_base_url, p_hint, p_key_id, p_sealed, p_requests, p_tokens, p_concurrency, p_enabled, p_now, p_now) on conflict do nothing;
    return found;
  end if;
  update instance_model_accounts set name = p_name, provider = p_provider, base_url = p_base_url, requests_per_minute = p_requests, tokens_per_minute = p_tokens,
      concurrency = p_concurrency, enabled = p_enabled, version = version + 1, updated_at = p_now,
      key_hint = case when p_new_key then p_hint else key_hint end,
      master_key_id = case when p_new_key then p_key_id else master_key_id end,
      sealed_key = case when p_new_key then p_sealed else sealed_key end
   where id = p_id and not exists (select 1 from instance_model_accounts o where o.name = p_name and o.id <> p_id);
  return found;
end $$;
call system_function('instance_model_account_save(boolean, uuid, text, text, text, int, int, int, boolean, boolean, text, text, bytea, timestamptz)');

create function instance_model_account_remove(p_id uuid) returns boolean language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  delete from instance_model_accounts where id = p_id;
  return found;
end $$;
call system_function('instance_model_account_remove(uuid)');

-- How many tenants' settings in force name an account.
create function instance_model_account_users(p_id uuid) returns int language sql stable security definer set search_path = public, pg_temp
as $$
  select count(*)::int from published_configurations p join configurations c using (tenant_id, kind, subject_id, version)
   where p.kind = 'models' and c.body -> 'choices' @> jsonb_build_array(jsonb_build_object('accountId', p_id::text))
$$;
call system_function('instance_model_account_users(uuid)');
