-- Archives: a file of an import that becomes many. Its own row stays, so that a later import of an archive that cannot be opened
-- removes nothing of what an earlier one brought.
alter table import_files
  add column depth int not null default 0,               -- archives around the file
  add column archive boolean not null default false;
alter table import_files drop constraint import_files_state_check;
alter table import_files add constraint import_files_state_check
  check (state in ('pending', 'added', 'changed', 'unchanged', 'failed', 'expanded'));
create index import_files_archives on import_files (tenant_id, import_id) where archive;
