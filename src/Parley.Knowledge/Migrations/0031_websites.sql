-- Websites: what a crawl finds, and what is known of each page between two crawls.

-- One look at a website: for an import (its id is the import's), or for a preview, which keeps nothing but the list.
create table crawls (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  source_id uuid,                      -- null: a preview of what is no source yet
  purpose text not null check (purpose in ('import', 'preview')),
  settings jsonb not null,             -- as they were when it began
  accept_removals boolean not null default false,
  state text not null default 'running' check (state in ('running', 'done', 'failed', 'cancelled')),
  error text,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, source_id) references knowledge_sources (tenant_id, id) on delete cascade
);
call tenant_table('crawls');

-- The frontier and its outcome. Thrown away with the crawl some days later.
create table crawl_pages (
  tenant_id uuid not null,
  crawl_id uuid not null,
  url text not null,
  kind text not null default 'page' check (kind in ('page', 'sitemap')),
  depth int not null,                  -- links away from the start; for a sitemap, how deep in indexes
  place bigint generated always as identity,
  found_on text,
  state text not null default 'pending' check (state in ('pending', 'fetched', 'unchanged', 'skipped', 'failed', 'gone')),
  reason text,
  status int,                          -- of the last answer
  attempts int not null default 0,
  not_before timestamptz,
  title text,
  object_hash bytea,
  size bigint,
  etag text,
  last_modified text,
  primary key (tenant_id, crawl_id, url),
  foreign key (tenant_id, crawl_id) references crawls (tenant_id, id) on delete cascade
);
call tenant_table('crawl_pages');
create index crawl_pages_pending on crawl_pages (tenant_id, crawl_id, kind desc, depth, place) where state = 'pending';
create index crawl_pages_object on crawl_pages (tenant_id, object_hash) where object_hash is not null;

-- What is known of a page between crawls: what its server needs to say "not modified", since when it fails, when it went.
create table web_pages (
  tenant_id uuid not null,
  source_id uuid not null,
  url text not null,
  etag text,
  last_modified text,
  first_seen_at timestamptz not null,
  checked_at timestamptz not null,
  failing_since timestamptz,
  failure text,
  gone_at timestamptz,
  primary key (tenant_id, source_id, url),
  foreign key (tenant_id, source_id) references knowledge_sources (tenant_id, id) on delete cascade
);
call tenant_table('web_pages');

-- Across tenants: which sources are due. Their next time is set by whoever enqueues the run, under the tenant's own policy.
create function sources_due(p_now timestamptz, p_limit int) returns table (tenant_id uuid, source_id uuid) language sql stable security definer set search_path = public, pg_temp
as $$ select s.tenant_id, s.id from knowledge_sources s join tenants t on t.id = s.tenant_id and t.status = 'active'
       where s.next_run_at <= p_now and s.state = 'active' order by s.next_run_at limit p_limit $$;
call system_function('sources_due(timestamptz, int)');

-- For modules above: which sources there are.
create view v_sources with (security_invoker = true) as
select tenant_id, id as source_id, name, kind from knowledge_sources where state <> 'deleting';
grant select on v_sources to {app};

-- And which documents.
create view v_documents with (security_invoker = true) as
select tenant_id, id as document_id, source_id, title, language from documents;
grant select on v_documents to {app};
