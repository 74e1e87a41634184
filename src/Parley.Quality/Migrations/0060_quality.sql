-- Quality: golden questions.
create table golden_questions (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  question text not null check (length(question) between 1 and 4000),
  expected_answer text,
  expected_document_id uuid,
  expected_outcome text not null check (expected_outcome in ('answered', 'clarified', 'abstained', 'handed_off', 'small_talk')),
  category text not null check (category in ('simple', 'moderate', 'complex', 'edge')),
  tier text check (tier in ('extractive', 'small', 'medium', 'large')),
  tags text[] not null default '{}',
  language text,
  source_conversation_id uuid,
  created_by uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  archived_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, expected_document_id) references documents (tenant_id, id) on delete set null (expected_document_id),
  foreign key (tenant_id, source_conversation_id) references conversations (tenant_id, id) on delete set null (source_conversation_id)
);
call tenant_table('golden_questions');
create index golden_questions_document on golden_questions (tenant_id, expected_document_id) where expected_document_id is not null;
create index golden_questions_conversation on golden_questions (tenant_id, source_conversation_id) where source_conversation_id is not null;
