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
