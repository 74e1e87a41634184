-- What ended long ago serves nothing any more: sign-in sessions (kept a while for the list of one's own), invitations nobody took up.
create function identity_expire(p_now timestamptz) returns bigint language plpgsql security definer set search_path = public, pg_temp
as $$
declare n bigint; m bigint;
begin
  delete from user_sessions where coalesce(revoked_at, expires_at) < p_now - interval '90 days';
  get diagnostics n = row_count;
  delete from invitations where expires_at < p_now - interval '30 days';
  get diagnostics m = row_count;
  delete from sign_in_attempts where last_at < p_now - interval '1 day';
  return n + m;
end $$;
call system_function('identity_expire(timestamptz)');
set local role {definer};
drop function sign_in_attempts_expire(timestamptz);
reset role;
