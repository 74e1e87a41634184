-- Words that people give to conversations, to find them again and to count them.
create table tags (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  name text not null check (length(name) between 1 and 40),
  color text not null check (color in ('gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'violet', 'pink')),
  created_by uuid,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
call tenant_table('tags');
create unique index tags_name on tags (tenant_id, lower(name));

create table conversation_tags (
  tenant_id uuid not null,
  conversation_id uuid not null,
  tag_id uuid not null,
  added_by uuid,
  added_at timestamptz not null,
  primary key (tenant_id, conversation_id, tag_id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
  foreign key (tenant_id, tag_id) references tags (tenant_id, id) on delete cascade
);
call tenant_table('conversation_tags');
create index conversation_tags_tag on conversation_tags (tenant_id, tag_id, conversation_id);
