-- Escalations: the handoff state machine. Every transition is a row.
create table handoffs (
  tenant_id uuid not null,
  id uuid not null,
  conversation_id uuid not null,
  state text not null check (state in ('requested', 'acknowledged', 'queued', 'offered', 'accepted', 'returned', 'closed', 'expired', 'out_of_hours')),
  priority text not null check (priority in ('low', 'medium', 'high', 'urgent')),
  reasons text[] not null,             -- every rule that held, not only the winner
  summary text not null,
  requested_by text not null check (requested_by in ('end_user', 'assistant', 'agent', 'system')),
  agent_id uuid,
  offered_to uuid,
  offer_expires_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  accepted_at timestamptz,
  ended_at timestamptz,
  primary key (tenant_id, id),
  check (state <> 'accepted' or agent_id is not null),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
call tenant_table('handoffs');
-- One live handoff per conversation: two requests at once become one.
create unique index handoffs_one_live on handoffs (tenant_id, conversation_id)
  where state in ('requested', 'acknowledged', 'queued', 'offered', 'accepted', 'out_of_hours');
create index handoffs_queue on handoffs (tenant_id, state, created_at);

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
