-- Steps of turns are for finding out why an answer was given; the turns themselves stay with their conversations.
update partitioned_tables set keep_months = 13 where name = 'turn_steps';
