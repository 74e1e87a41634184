-- Escalations: the handoff state machine. Every transition is a row.
create table handoffs (
  tenant_id uuid not null,
  id uuid not null,
  conversation_id uuid not null,
  state text not null check (state in ('requested', 'acknowledged', 'queued', 'offered', 'accepted', 'returned', 'closed', 'expired', 'out_of_hours')),
  priority text not null check (priority in ('low', 'medium', 'high', 'urgent')),
  reasons text[] not null,             -- every rule that held, not only the winner
  summary text not null,               -- for agents: the transcript's own words
  language text,                       -- of what the customer is told
  requested_by text not null check (requested_by in ('end_user', 'assistant', 'agent', 'system')),
  agent_id uuid,
  offered_to uuid,
  -- While it waits: since when (service time only), and when the timer looks after it. A timer that was set for another moment is void.
  waiting_since timestamptz not null,
  timer_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  accepted_at timestamptz,
  ended_at timestamptz,
  primary key (tenant_id, id),
  check (state <> 'accepted' or agent_id is not null),
  check ((state = 'offered') = (offered_to is not null)),
  check ((state in ('returned', 'closed', 'expired')) = (ended_at is not null)),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
call tenant_table('handoffs');
-- One live handoff per conversation: two requests at once become one.
create unique index handoffs_one_live on handoffs (tenant_id, conversation_id)
  where state in ('requested', 'acknowledged', 'queued', 'offered', 'accepted', 'out_of_hours');
-- The queue in its order.
create index handoffs_queue on handoffs (tenant_id, (array_position(array['urgent', 'high', 'medium', 'low'], priority)), created_at, id)
  where state in ('requested', 'acknowledged', 'queued', 'offered', 'out_of_hours');
create index handoffs_recent on handoffs (tenant_id, created_at desc, id);

create table handoff_transitions (
  tenant_id uuid not null,
  handoff_id uuid not null,
  ordinal int not null,
  from_state text,
  to_state text not null,
  actor_kind text not null check (actor_kind in ('end_user', 'assistant', 'agent', 'system')),
  actor_id uuid,
  reason text,
  at timestamptz not null,
  primary key (tenant_id, handoff_id, ordinal),
  foreign key (tenant_id, handoff_id) references handoffs (tenant_id, id) on delete cascade
);
call tenant_table('handoff_transitions', 'select, insert');
