-- Removals up to here are forgotten: an index that has read less than this must be built anew, it could miss one.
alter table knowledge_state add column removals_since bigint not null default 0;
create index document_removals_age on document_removals (tenant_id, removed_at);
