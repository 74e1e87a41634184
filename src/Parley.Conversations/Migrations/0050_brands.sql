-- What a brand looks like and where it leads; the widgets that belong to it show it where they have nothing of their own. Until somebody has
-- saved it (updated_at), it is only a name that was made from the workspace's and changes no widget.
alter table brands
  add column color text check (color ~ '^#[0-9a-f]{6}$'),
  add column support_address text check (length(support_address) <= 254),
  add column privacy_url text check (length(privacy_url) <= 500),
  add column terms_url text check (length(terms_url) <= 500),
  add column logo_hash bytea,
  add column logo_type text check (logo_type in ('image/png', 'image/jpeg')),
  add column updated_at timestamptz,
  add check ((logo_hash is null) = (logo_type is null)),
  add foreign key (tenant_id, logo_hash) references objects (tenant_id, hash) deferrable;
create unique index brands_name on brands (tenant_id, lower(name));
create index widgets_brand on widgets (tenant_id, brand_id);
