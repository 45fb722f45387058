-- Results whose every way has come to its end (TRI-5): the ladder does not climb on what is done.
ALTER TABLE result ADD COLUMN concluded TINYINT NOT NULL DEFAULT 0;

-- Those of before: the last contract is registered or the company founded, no contract waits for its registration, and
-- nobody was contacted for another way since.
UPDATE result r
  JOIN (SELECT result, MAX(create_time) AS written, MAX(happen_date) AS ended FROM follow_up
        WHERE state = 'RECORDED' AND kind IN ('REGISTRATION', 'SPINOUT') GROUP BY result) e ON e.result = r.name
  SET r.concluded = 1, r.rungs = '[]'
  WHERE r.state NOT IN ('WITHDRAWN', 'MERGED')
    AND NOT EXISTS (SELECT 1 FROM follow_up c
                    WHERE c.result = r.name AND c.kind = 'CONTRACT' AND c.state = 'RECORDED'
                      AND NOT EXISTS (SELECT 1 FROM follow_up g
                                      WHERE g.result = r.name AND g.kind = 'REGISTRATION' AND g.state = 'RECORDED'
                                        AND g.contract_follow_up = c.name))
    AND NOT EXISTS (SELECT 1 FROM follow_up o
                    WHERE o.result = r.name AND o.kind IN ('CONTACT', 'NEGOTIATION') AND o.state = 'RECORDED'
                      AND o.create_time > e.written AND o.happen_date >= e.ended);

ALTER TABLE result
  DROP KEY result_ladder,
  DROP COLUMN rung_count;
ALTER TABLE result
  ADD COLUMN rung_count TINYINT AS (IF(state IN ('WITHDRAWN', 'MERGED') OR concluded, NULL, JSON_LENGTH(rungs))) STORED,
  ADD KEY result_ladder (rung_count, act_time);
