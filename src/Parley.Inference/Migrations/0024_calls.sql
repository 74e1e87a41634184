-- A paid call and the decisions on the way to it find each other; what a dead node held is booked with who was to serve it.
alter table usage add column call_id uuid;
alter table budget_reservations
  add column call_id uuid,
  add column tier text check (tier in ('small', 'medium', 'large')),
  add column account_id uuid;
