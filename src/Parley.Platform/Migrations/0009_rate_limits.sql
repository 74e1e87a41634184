-- The lease also tells how much of the allowance is taken, so that callers can be told what is left.
set local role {definer};
drop function rate_lease(text, timestamptz, int, int);
reset role;
create function rate_lease(p_scope text, p_window timestamptz, p_limit int, p_slice int) returns table (granted int, leased int)
  language plpgsql security definer set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare before int; after int;
begin
  insert into rate_windows (scope, window_start, leased) values (p_scope, p_window, 0) on conflict do nothing;
  select w.leased into before from rate_windows w where w.scope = p_scope and w.window_start = p_window for update;
  after := greatest(before, least(p_limit, before + p_slice));
  update rate_windows w set leased = after where w.scope = p_scope and w.window_start = p_window;
  return query select after - before, after;
end $$;
call system_function('rate_lease(text, timestamptz, int, int)');
