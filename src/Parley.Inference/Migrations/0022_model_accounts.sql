-- Access to providers of models. Keys are secrets of their own (model-account:<id>), sealed with the tenant's key.
create table model_accounts (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  name text not null,
  provider text not null,
  base_url text,                         -- null: the provider's own
  key_hint text,                         -- the key's last characters; null: it has none
  requests_per_minute int check (requests_per_minute > 0),
  tokens_per_minute int check (tokens_per_minute > 0),
  concurrency int check (concurrency > 0),
  enabled boolean not null default true,
  version int not null default 1,        -- moves with every change: what other nodes hold open is then opened anew
  tested_at timestamptz,                 -- of the last test of the connection, and how it ended (ok, or the fault)
  test_result text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call tenant_table('model_accounts');

-- Every decision on the way to an answer: ids, names and numbers, no texts.
create table model_decisions (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,                      -- of the call
  ordinal int not null,
  at timestamptz not null,
  turn_id uuid,
  conversation_id uuid,
  feature text not null,
  step text not null,
  reason text not null,
  tier text check (tier in ('small', 'medium', 'large')),
  provider text,
  model text,
  account_id uuid,
  confidence double precision,
  input_tokens bigint,
  output_tokens bigint,
  cached_tokens bigint,
  cache_write_tokens bigint,
  cost numeric(20, 9),
  latency_us bigint,
  primary key (tenant_id, id, ordinal, at)
) partition by range (at);
call tenant_table('model_decisions', 'select, insert');
call partition_by_month('model_decisions');
create index model_decisions_turn on model_decisions (tenant_id, turn_id) where turn_id is not null;

-- Who served a paid call, how long it took, and what the same tokens would have cost otherwise, at the prices of that moment.
alter table usage
  add column tier text check (tier in ('small', 'medium', 'large')),
  add column account_id uuid,
  add column latency_us bigint,
  add column batch boolean not null default false,
  add column cost_large numeric(20, 9),      -- at the prices of the dearest model of the large tier; null: there is none, or no price
  add column cost_uncached numeric(20, 9);   -- at the same model's prices without a prompt cache
update partitioned_tables set keep_months = 13 where name = 'model_decisions';
