-- Knowledge: source -> document -> section (parent) -> chunk (child).

-- The tenant's change number: taken under this row's lock by every transaction that changes documents, so that
-- numbers become visible in their order and an index can ask for "everything after n" without missing any.
create table knowledge_state (
  tenant_id uuid not null primary key references tenants (id) on delete cascade,
  change_number bigint not null default 0
);
call tenant_table('knowledge_state');

create table knowledge_sources (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  kind text not null check (kind in ('upload', 'folder', 'website', 'articles')),
  canonical text not null,             -- canonical path, address or, for an upload, the name given to it
  name text not null check (length(name) between 1 and 200),
  language text,
  audience text not null default 'public' check (audience in ('public', 'customers', 'internal')),
  state text not null default 'active' check (state in ('active', 'paused', 'deleting')),
  settings jsonb not null default '{}',
  schedule_hours int check (schedule_hours between 1 and 8760),
  next_run_at timestamptz,             -- null: only when somebody asks
  last_run_at timestamptz,             -- when the last import that succeeded ended
  failing_since timestamptz,           -- since when no import succeeds; null: the last one did
  failure text,                        -- why
  created_by uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, kind, canonical)
);
create index knowledge_sources_due on knowledge_sources (next_run_at) where next_run_at is not null and state = 'active';
call tenant_table('knowledge_sources');

create table documents (
  tenant_id uuid not null,
  id uuid not null,
  source_id uuid not null,
  path text not null,                  -- unique within the source
  title text not null,
  url text,                            -- where a reader can open it; null: Parley shows its own copy
  content_hash bytea not null check (length(content_hash) = 32),   -- of the file it was read from
  text_hash bytea not null check (length(text_hash) = 32),         -- of what was read: pages change their bytes each time they are fetched
  version int not null check (version > 0),
  language text,
  object_hash bytea not null,
  byte_size bigint not null,
  chunks int not null default 0,
  metadata jsonb not null default '{}',
  change_number bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, source_id, path),
  foreign key (tenant_id, source_id) references knowledge_sources (tenant_id, id) on delete cascade,
  foreign key (tenant_id, object_hash) references objects (tenant_id, hash) deferrable
);
call tenant_table('documents');
create index documents_object on documents (tenant_id, object_hash);
create index documents_changes on documents (tenant_id, change_number);

-- What a deletion leaves for indexes that have not yet seen it; pruned after 7 days (an older index is rebuilt).
create table document_removals (
  tenant_id uuid not null references tenants (id) on delete cascade,
  document_id uuid not null,
  change_number bigint not null,
  removed_at timestamptz not null,
  primary key (tenant_id, document_id, change_number)
);
call tenant_table('document_removals');
create index document_removals_changes on document_removals (tenant_id, change_number);

create table sections (
  tenant_id uuid not null,
  id uuid not null,
  document_id uuid not null,
  version int not null,                -- the document's version
  ordinal int not null,
  heading_path text[] not null,        -- outermost first, the document's title left out
  anchor text,
  text text not null,
  tokens int not null,
  primary key (tenant_id, id),
  unique (tenant_id, document_id, version, ordinal),
  foreign key (tenant_id, document_id) references documents (tenant_id, id) on delete cascade
);
call tenant_table('sections');

create table chunks (
  tenant_id uuid not null,
  id uuid not null,
  document_id uuid not null,
  section_id uuid not null,
  version int not null,                -- the document's version: evidence is re-read by (id, version)
  ordinal int not null,                -- within the document
  kind text not null default 'text' check (kind in ('text', 'code', 'table', 'list')),
  heading_path text[] not null,
  anchor text,
  text text not null,
  tokens int not null,
  primary key (tenant_id, id),
  unique (tenant_id, document_id, version, ordinal),
  foreign key (tenant_id, document_id) references documents (tenant_id, id) on delete cascade,
  foreign key (tenant_id, section_id) references sections (tenant_id, id) on delete cascade
);
call tenant_table('chunks');
create index chunks_section on chunks (tenant_id, section_id);

create table imports (
  tenant_id uuid not null,
  id uuid not null,
  source_id uuid not null,
  state text not null check (state in ('uploading', 'crawling', 'queued', 'running', 'succeeded', 'failed', 'cancelled')),
  -- complete: documents of the source that this import does not carry are removed. partial: they stay.
  mode text not null check (mode in ('complete', 'partial')),
  total int not null default 0,
  added int not null default 0,
  changed int not null default 0,
  unchanged int not null default 0,
  removed int not null default 0,
  failed int not null default 0,
  chunks int not null default 0,
  error text,
  requested_by uuid,
  created_at timestamptz not null,
  active_at timestamptz not null,      -- an upload that nobody has added to for a while no longer blocks its source
  started_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, source_id) references knowledge_sources (tenant_id, id) on delete cascade
);
call tenant_table('imports');
-- One import of a source at a time; the second is told so.
create unique index imports_one_active on imports (tenant_id, source_id) where state in ('uploading', 'crawling', 'queued', 'running');

create table import_files (
  tenant_id uuid not null,
  import_id uuid not null,
  path text not null,
  object_hash bytea,
  size bigint not null,
  state text not null default 'pending' check (state in ('pending', 'added', 'changed', 'unchanged', 'failed')),
  reason text,
  attempts int not null default 0,     -- counted before a file is read again after a crash: one that ends the process is found out
  document_id uuid,
  chunks int not null default 0,
  primary key (tenant_id, import_id, path),
  foreign key (tenant_id, import_id) references imports (tenant_id, id) on delete cascade
);
call tenant_table('import_files');
create index import_files_pending on import_files (tenant_id, import_id, path) where state = 'pending';
