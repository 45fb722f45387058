-- Matching (TRI-9): who said that two do not suit each other; and what the board of a replica asks for whenever it
-- looks what has changed, from the indexes alone.
CREATE TABLE match_dismissal (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  counterpart VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_title VARCHAR(120) NOT NULL,
  counterpart_title VARCHAR(120) NOT NULL,
  reason VARCHAR(400) NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  author VARCHAR(160) NOT NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  department VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  agency VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  holder VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  collector VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY match_dismissal_pair (subject, counterpart),
  KEY match_dismissal_counterpart (counterpart)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE INDEX result_state_version ON result (state, version);
CREATE INDEX demand_state_version ON demand (state, version);
