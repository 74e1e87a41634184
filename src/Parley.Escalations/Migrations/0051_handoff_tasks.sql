-- Where nobody came, somebody must do something: the task that a handoff left.
alter table handoffs add column task_id uuid;
alter table handoffs add foreign key (tenant_id, task_id) references tasks (tenant_id, id) on delete set null (task_id);
create index handoffs_task on handoffs (tenant_id, task_id) where task_id is not null;
create index tasks_open on tasks (tenant_id, state, created_at desc, id desc);
