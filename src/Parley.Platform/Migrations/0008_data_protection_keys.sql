-- The framework's keys as its own XML, of which it has the secret part encrypted (MasterKeyXmlEncryptor). Keys of the earlier form protected
-- nothing that outlives a restart.
set local role {definer};
drop function data_protection_keys_all();
drop function data_protection_key_add(text, bytea, timestamptz);
reset role;
delete from data_protection_keys;
alter table data_protection_keys drop column ciphertext, add column xml text not null;
create function data_protection_keys_all() returns setof text language sql stable security definer set search_path = public, pg_temp
as $$ select xml from data_protection_keys order by created_at $$;
call system_function('data_protection_keys_all()');
create function data_protection_key_add(p_id text, p_xml text, p_at timestamptz) returns void language sql security definer set search_path = public, pg_temp
as $$ insert into data_protection_keys (id, xml, created_at) values (p_id, p_xml, p_at) on conflict (id) do nothing $$;
call system_function('data_protection_key_add(text, text, timestamptz)');
