-- For readers of the whole tenant in the modules above: where the log has news. What the news are, EventLog tells.
create view v_event_log with (security_invoker = true) as select tenant_id, xid, position from events;
grant select on v_event_log to {app}, {definer};
