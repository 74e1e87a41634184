-- Saved views: a filter of the conversations under a name. Of one person, or of everybody in the team.
create table conversation_views (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  name text not null check (length(name) between 1 and 60),
  owner_id uuid not null,              -- who made it: a user, or an API key
  shared boolean not null default false,
  filter jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id)
);
call tenant_table('conversation_views');
create index conversation_views_owner on conversation_views (tenant_id, owner_id);

-- The view with which somebody's list opens.
create table conversation_view_defaults (
  tenant_id uuid not null,
  user_id uuid not null,
  view_id uuid not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, view_id) references conversation_views (tenant_id, id) on delete cascade
);
call tenant_table('conversation_view_defaults');
create index conversation_view_defaults_view on conversation_view_defaults (tenant_id, view_id);
