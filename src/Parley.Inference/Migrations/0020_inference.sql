-- Inference: one row per paid call. Money in dollars, rounded only on an invoice.
create table usage (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  at timestamptz not null,
  service text not null check (service in ('llm', 'vision', 'stt', 'tts', 'embedding', 'rerank', 'media', 'search')),
  provider text not null,
  model text not null,
  feature text not null,
  assistant_id uuid,
  conversation_id uuid,
  end_user_id uuid,
  turn_id uuid,
  input_tokens bigint not null default 0 check (input_tokens >= 0),
  output_tokens bigint not null default 0 check (output_tokens >= 0),
  cached_tokens bigint not null default 0 check (cached_tokens >= 0),
  units numeric(20, 9) not null default 0,   -- seconds, pages, images: what the service bills besides tokens
  cost numeric(20, 9) not null check (cost >= 0),
  settled boolean not null default true,     -- false: the bill is unknown, settled at the reserve
  primary key (tenant_id, id, at)
) partition by range (at);
call tenant_table('usage', 'select, insert');
call partition_by_month('usage');
create index usage_at on usage (tenant_id, at);
create index usage_conversation on usage (tenant_id, conversation_id) where conversation_id is not null;
