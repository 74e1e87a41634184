-- What a document said before, and what passages of different documents have to do with each other.

-- Written when a version is replaced; the current one is in sections. The last ten are kept; they go with the document.
create table document_versions (
  tenant_id uuid not null,
  document_id uuid not null,
  version int not null,
  title text not null,
  text text not null,
  created_at timestamptz not null,
  replaced_at timestamptz not null,
  primary key (tenant_id, document_id, version),
  foreign key (tenant_id, document_id) references documents (tenant_id, id) on delete cascade
);
call tenant_table('document_versions');

-- Two passages that say the same, or contradict each other. Goes when one of them goes or changes.
create table knowledge_findings (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('duplicate', 'contradiction')),
  chunk_id uuid not null,              -- the smaller of the two ids
  other_chunk_id uuid not null,
  passage text not null,               -- of a contradiction the sentence; of a duplicate the beginning of the passage
  other_passage text not null,
  similarity real not null,            -- Jaccard over word triples
  state text not null default 'open' check (state in ('open', 'dismissed')),
  found_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, kind, chunk_id, other_chunk_id),
  foreign key (tenant_id, chunk_id) references chunks (tenant_id, id) on delete cascade,
  foreign key (tenant_id, other_chunk_id) references chunks (tenant_id, id) on delete cascade,
  check (chunk_id < other_chunk_id)
);
call tenant_table('knowledge_findings');
create index knowledge_findings_other on knowledge_findings (tenant_id, other_chunk_id);
