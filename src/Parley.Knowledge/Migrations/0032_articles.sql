-- Articles written in Parley: collection -> article -> text per locale -> published versions. What is published is a source like any other.

create table collections (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  name text not null check (length(name) between 1 and 200),
  description text not null default '' check (length(description) <= 1000),
  position int not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call tenant_table('collections');

create table articles (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  collection_id uuid,
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,99}$'),   -- names the document: <locale>/<slug>.md
  created_by uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, slug),
  foreign key (tenant_id, collection_id) references collections (tenant_id, id) on delete set null (collection_id)
);
call tenant_table('articles');
create index articles_collection on articles (tenant_id, collection_id) where collection_id is not null;

create table article_texts (
  tenant_id uuid not null,
  article_id uuid not null,
  locale text not null,
  title text not null check (length(title) between 1 and 200),
  body text not null check (length(body) <= 200000),
  revision int not null default 1,     -- counts saves: who saves says on which one, so that nobody overwrites somebody else's
  state text not null default 'draft' check (state in ('draft', 'review', 'published')),
  published_version int,               -- null: nothing of it is answered from
  updated_by uuid,
  updated_at timestamptz not null,
  primary key (tenant_id, article_id, locale),
  foreign key (tenant_id, article_id) references articles (tenant_id, id) on delete cascade
);
call tenant_table('article_texts');

create table article_versions (
  tenant_id uuid not null,
  article_id uuid not null,
  locale text not null,
  version int not null check (version > 0),
  title text not null,
  body text not null,
  published_by uuid,
  published_at timestamptz not null,
  primary key (tenant_id, article_id, locale, version),
  foreign key (tenant_id, article_id, locale) references article_texts (tenant_id, article_id, locale) on delete cascade
);
call tenant_table('article_versions', 'select, insert');
