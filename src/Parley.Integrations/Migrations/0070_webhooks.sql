-- Webhooks out: who is told, what was sent to them, and how each attempt went. What is to be sent derives from the events of conversations:
-- each webhook reads the tenant's log from a place of its own, so that nobody who writes an event waits for it and nothing that was committed
-- is left out.

create table webhooks (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  url text not null check (length(url) between 1 and 2000),
  description text not null default '' check (length(description) <= 200),
  events text[] not null check (cardinality(events) between 1 and 100),
  enabled boolean not null,
  disabled_reason text check (disabled_reason in ('gone', 'failing')),  -- null: a person switched it off
  disabled_at timestamptz,
  secret_hint text not null,
  previous_secret_until timestamptz,   -- until then the secret before it signs too
  failing_since timestamptz,           -- the first failure after the last success
  last_success_at timestamptz,
  hold_until timestamptz,              -- the receiver asked for patience (Retry-After)
  -- The place in the log: everything up to here has been looked at.
  xid xid8 not null default pg_current_xact_id(),
  position bigint not null,
  skip bigint[] not null default '{}', -- behind that place, but there when it was chosen: other transactions ran at that moment
  read_at timestamptz not null,
  -- Who works for it. Database clock.
  leased_by text,
  lease_until timestamptz,
  fence int not null default 0,
  ran_at timestamptz,
  version int not null default 1,
  created_by uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  check (disabled_reason is null or not enabled)
);
call tenant_table('webhooks');
create index webhooks_enabled on webhooks (ran_at nulls first) where enabled;

-- One event for one webhook. Goes with its conversation, and so with its customer.
create table webhook_deliveries (
  tenant_id uuid not null,
  id uuid not null,
  webhook_id uuid not null,
  event_id uuid not null,
  type text not null,
  conversation_id uuid,                -- null: a test
  body text not null,                  -- exactly what is signed and sent
  state text not null check (state in ('pending', 'delivered', 'failed', 'cancelled')),
  attempts int not null default 0,
  tries int not null default 0,        -- attempts since it was last sent again by a person: the place in the schedule
  next_attempt_at timestamptz,
  last_status int,
  last_error text,
  occurred_at timestamptz not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, webhook_id, event_id),
  check ((state = 'pending') = (next_attempt_at is not null)),
  foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id) on delete cascade,
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
call tenant_table('webhook_deliveries');
create index webhook_deliveries_recent on webhook_deliveries (tenant_id, webhook_id, created_at desc, id desc);
create index webhook_deliveries_due on webhook_deliveries (tenant_id, webhook_id, next_attempt_at) where state = 'pending';
create index webhook_deliveries_failed on webhook_deliveries (tenant_id, webhook_id, created_at) where state = 'failed';
create index webhook_deliveries_conversation on webhook_deliveries (tenant_id, conversation_id) where conversation_id is not null;
create index webhook_deliveries_age on webhook_deliveries (created_at);

create table webhook_attempts (
  tenant_id uuid not null,
  delivery_id uuid not null,
  number int not null,
  at timestamptz not null,
  duration_ms int not null,
  status int,                          -- null: there was no answer
  error text,
  response text,                       -- how the answer began
  primary key (tenant_id, delivery_id, number),
  foreign key (tenant_id, delivery_id) references webhook_deliveries (tenant_id, id) on delete cascade
);
call tenant_table('webhook_attempts', 'select, insert');

-- ---- what SystemDb may do ----

-- Leases webhooks that have something to do: a delivery that is due, or news in the log that no running transaction can still come before.
-- Who was served longest ago comes first, and each is held by one node at a time, so that how many requests a receiver gets at once is known.
create function webhooks_claim(p_node text, p_now timestamptz, p_limit int, p_lease interval)
  returns table (tenant_id uuid, webhook_id uuid, fence int) language plpgsql security definer set search_path = public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    with due as (
      select w.tenant_id, w.id from webhooks w join tenants t on t.id = w.tenant_id and t.status = 'active'
       where w.enabled and (w.lease_until is null or w.lease_until < clock_timestamp()) and (w.hold_until is null or w.hold_until <= p_now)
         and (exists (select 1 from webhook_deliveries d
                       where d.tenant_id = w.tenant_id and d.webhook_id = w.id and d.state = 'pending' and d.next_attempt_at <= p_now)
              or exists (select 1 from v_event_log e
                          where e.tenant_id = w.tenant_id and (e.xid, e.position) > (w.xid, w.position) and e.xid < pg_snapshot_xmin(pg_current_snapshot())))
       order by w.ran_at nulls first limit p_limit for update of w skip locked)
    update webhooks w set leased_by = p_node, lease_until = clock_timestamp() + p_lease, fence = w.fence + 1, ran_at = clock_timestamp()
      from due where w.tenant_id = due.tenant_id and w.id = due.id
    returning w.tenant_id, w.id, w.fence;
end $$;
call system_function('webhooks_claim(text, timestamptz, int, interval)');

-- Extends leases that this node still holds; returns them.
create function webhooks_extend(p_node text, p_ids uuid[], p_fences int[], p_lease interval) returns table (webhook_id uuid, fence int) language sql security definer set search_path = public, pg_temp
as $$ update webhooks w set lease_until = clock_timestamp() + p_lease
         from unnest(p_ids, p_fences) as held (id, fence)
        where w.id = held.id and w.fence = held.fence and w.leased_by = p_node returning w.id, w.fence $$;
call system_function('webhooks_extend(text, uuid[], int[], interval)');

-- A node that stops gives back what it holds.
create function webhooks_release(p_node text) returns int language sql security definer set search_path = public, pg_temp
as $$ with r as (update webhooks set leased_by = null, lease_until = null where leased_by = p_node returning 1) select count(*)::int from r $$;
call system_function('webhooks_release(text)');

-- What was sent is of interest for a month; its content is personal data. Only a webhook that is off has something older that still waits.
create function webhooks_expire(p_now timestamptz) returns bigint language plpgsql security definer set search_path = public, pg_temp
as $$
declare n bigint;
begin
  delete from webhook_deliveries where created_at < p_now - interval '30 days';
  get diagnostics n = row_count;
  return n;
end $$;
call system_function('webhooks_expire(timestamptz)');
