-- What the customer was told last: a reminder that says nothing new is for the agents alone.
alter table handoffs add column told_at timestamptz, add column told_position int;
