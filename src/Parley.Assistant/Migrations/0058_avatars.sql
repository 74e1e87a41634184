-- Pictures of assistants, checked when they were taken in. A profile's version names one; a picture never changes.
create table assistant_avatars (
  tenant_id uuid not null,
  id uuid not null,
  assistant_id uuid not null,
  media_type text not null check (media_type in ('image/png', 'image/jpeg')),
  width int not null check (width between 16 and 1024),
  height int not null check (height between 16 and 1024),
  sha256 bytea not null check (length(sha256) = 32),
  content bytea not null check (length(content) between 1 and 262144),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, assistant_id, sha256),
  foreign key (tenant_id, assistant_id) references assistants (tenant_id, id) on delete cascade
);
call tenant_table('assistant_avatars');
