-- Due date that the organization of a follow-up was reminded of before it came, once for each.
ALTER TABLE follow_up ADD COLUMN reminded_of DATE NULL;
