-- A run whose server is killed, or whose disk or database is away, has not failed: it goes on. What Parley itself got wrong is counted
-- apart from how often the job was claimed.
alter table imports add column failures int not null default 0;
alter table crawls add column failures int not null default 0;
