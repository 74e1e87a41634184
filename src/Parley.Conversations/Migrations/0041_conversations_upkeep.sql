-- A widget session that ended a week ago opens nothing and names nobody: who comes again gets a new one.
create index end_user_sessions_expiry on end_user_sessions (expires_at);
create function end_user_sessions_expire(p_now timestamptz) returns bigint language plpgsql security definer set search_path = public, pg_temp
as $$
declare n bigint;
begin
  delete from end_user_sessions where expires_at < p_now - interval '7 days' or revoked_at < p_now - interval '7 days';
  get diagnostics n = row_count;
  return n;
end $$;
call system_function('end_user_sessions_expire(timestamptz)');
