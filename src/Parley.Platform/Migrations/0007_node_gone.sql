-- A node that was killed cannot give back what it held: its jobs would rest until their leases end, and a request that it was working on
-- would be refused to the client that repeats it. The next process on the same data folder knows that the one before it is dead (the
-- folder's lock is the kernel's), and says so.

alter table idempotency_keys add column locked_by text;   -- the node that runs the first request

-- Frees what a dead node held. Its leases are ended, not taken back: jobs_tick does that, with the attempt counted, because the job may be
-- what ended the node. Returns the number of jobs.
create function node_gone(p_node text) returns int language plpgsql security definer set search_path = public, pg_temp
as $$
declare held int;
begin
  update jobs set lease_until = clock_timestamp() where leased_by = p_node and state = 'running' and lease_until > clock_timestamp();
  get diagnostics held = row_count;
  update idempotency_keys set locked_until = clock_timestamp() where locked_by = p_node and status is null and locked_until > clock_timestamp();
  return held;
end $$;
call system_function('node_gone(text)');
create index idempotency_keys_locked on idempotency_keys (locked_by) where status is null;
