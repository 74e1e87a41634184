-- The batch lane: paid work that may wait a day, asked of providers in files at a lower price.
alter table usage add column cost_unbatched numeric(20, 9); -- of a call of the batch lane: at the same model's prices outside of it
create index usage_batch on usage (tenant_id, at) where batch;

-- One file at a provider, from its collection until nothing of it is left there. It ends its reservations itself, whichever node it is on.
create table batches (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,                      -- known to the provider, where it takes a note
  account_id uuid not null,
  provider text not null,
  model text not null,
  state text not null default 'reserving' check (state in ('reserving', 'submitting', 'running', 'ended')),
  provider_id text,                      -- the provider's name for it
  created_at timestamptz not null,
  submit_at timestamptz,                 -- when it was first sent: from then on the provider may have it
  running_at timestamptz,                -- when its name was stored
  cancel_at timestamptz,                 -- when it was called off, because it was too late
  next_at timestamptz not null,          -- when it is looked at next
  failures int not null default 0,       -- in a row
  reads int not null default 0,          -- of results that were not whole
  primary key (tenant_id, id)
);
call tenant_table('batches');
create index batches_next on batches (next_at);

-- One piece of work. No texts: those may be erased while the money is still to be settled.
create table batch_items (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,                      -- the provider's custom id, and the id of the paid call
  handler text not null,                 -- who gets the answer, once
  subject_id uuid not null,              -- what it is about, in the handler's words
  feature text not null,
  service text not null,
  assistant_id uuid,
  conversation_id uuid,
  end_user_id uuid,
  turn_id uuid,
  anonymous boolean not null,
  state text not null default 'waiting' check (state in ('waiting', 'taken', 'done')),
  batch_id uuid,                         -- taken without one: it is asked by itself
  reservation_id uuid,
  attempts int not null default 0,
  created_at timestamptz not null,
  waits_from timestamptz not null,       -- waiting: may be taken from then on; else when it was taken, or done
  primary key (tenant_id, id),
  foreign key (tenant_id, batch_id) references batches (tenant_id, id) on delete set null (batch_id)
);
call tenant_table('batch_items');
create index batch_items_waiting on batch_items (tenant_id, waits_from) where state = 'waiting';
create index batch_items_batch on batch_items (tenant_id, batch_id) where batch_id is not null;
create index batch_items_conversation on batch_items (tenant_id, conversation_id) where conversation_id is not null;
create index batch_items_end_user on batch_items (tenant_id, end_user_id) where end_user_id is not null;

-- What is asked and answered: personal data. Erased with whom it is about, and deleted when the answer is handed over.
create table batch_contents (
  tenant_id uuid not null,
  item_id uuid not null,
  request text,                          -- JSON; null: answered
  outcome text,                          -- JSON; null: not yet
  primary key (tenant_id, item_id),
  foreign key (tenant_id, item_id) references batch_items (tenant_id, id) on delete cascade
);
call tenant_table('batch_contents');

-- Tenants with work that has waited long enough, or is enough for a file of its own.
create function batch_tenants(p_now timestamptz, p_age interval, p_count int) returns setof uuid language sql stable security definer set search_path = public, pg_temp
as $$
  select tenant_id from batch_items where state = 'waiting' and waits_from <= p_now
   group by tenant_id having min(waits_from) <= p_now - p_age or count(*) >= p_count
$$;
call system_function('batch_tenants(timestamptz, interval, int)');

create function batches_due(p_now timestamptz, p_limit int) returns table (tenant_id uuid, id uuid) language sql stable security definer set search_path = public, pg_temp
as $$ select tenant_id, id from batches where next_at <= p_now order by next_at limit p_limit $$;
call system_function('batches_due(timestamptz, int)');

-- What was asked by itself and whose job is lost waits again; what nobody took in a month is nobody's.
create function batch_expire(p_now timestamptz) returns bigint language plpgsql security definer set search_path = public, pg_temp
as $$
declare n bigint;
begin
  update batch_items set state = 'waiting', waits_from = p_now where state = 'taken' and batch_id is null and waits_from < p_now - interval '6 hours';
  delete from batch_items where state = 'done' and waits_from < p_now - interval '30 days';
  get diagnostics n = row_count;
  return n;
end $$;
call system_function('batch_expire(timestamptz)');
