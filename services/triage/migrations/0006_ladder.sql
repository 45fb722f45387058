-- How many rungs a result has taken since its holder's last act, none of one that is closed (TRI-5): the ladder finds
-- those that wait for a rung by the index, and does not look at what has taken them all.
ALTER TABLE result
  ADD COLUMN rung_count TINYINT AS (IF(state IN ('WITHDRAWN', 'MERGED'), NULL, JSON_LENGTH(rungs))) STORED,
  ADD KEY result_ladder (rung_count, act_time);
