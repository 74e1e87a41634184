-- A canary of a source: a question that must be answered from it while it is there, and must not be once it is gone. It outlives its source,
-- so that its going can be seen.
create table canaries (
  tenant_id uuid not null references tenants (id) on delete cascade,
  source_id uuid not null,
  source_name text not null,
  question text not null check (length(question) between 1 and 2000),
  -- answered, unanswered: the source is there. gone, leaking: it is not; leaking: it was quoted all the same.
  state text not null default 'unknown' check (state in ('unknown', 'answered', 'unanswered', 'gone', 'leaking')),
  confidence real,
  checked_at timestamptz,
  failing_since timestamptz,           -- since when it is unanswered or leaking
  created_by uuid,
  created_at timestamptz not null,
  primary key (tenant_id, source_id)
);
call tenant_table('canaries');
