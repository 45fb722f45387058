-- The clock of past filings (backfill), and what jobs and lists look for.
CREATE TABLE backfill (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  behind_seconds BIGINT NOT NULL,
  reason VARCHAR(1000) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE consortium ADD KEY consortium_due (overdue, due_time);
ALTER TABLE public_notice ADD KEY public_notice_consortium (consortium);

-- Who is part of which dossier, and former leads: the lists in the dossier's row have no index.
CREATE TABLE consortium_party (
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (organization, consortium)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO consortium_party (organization, consortium)
SELECT DISTINCT part.organization, c.name FROM consortium c, JSON_TABLE(c.participants, '$[*]'
 COLUMNS (organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) part;
INSERT IGNORE INTO consortium_party (organization, consortium)
SELECT former_lead_unit, name FROM consortium WHERE former_lead_unit <> '';
