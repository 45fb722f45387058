-- Reports of progress (CON-7): one a consortium and period, its versions, and what evaluations find of them.
CREATE TABLE construction_report (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  period VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  period_title VARCHAR(40) NOT NULL,
  start_date DATE NULL,
  end_date DATE NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  due_time DATETIME(6) NULL,
  due_note VARCHAR(1000) NOT NULL,
  remind_time DATETIME(6) NULL,
  reminded TINYINT NOT NULL,
  overdue TINYINT NOT NULL,
  late TINYINT NOT NULL,
  submit_time DATETIME(6) NULL,
  counted_version VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submissions BIGINT NOT NULL,
  no_change TINYINT NOT NULL,
  has_problem TINYINT NOT NULL,
  return_reason VARCHAR(1000) NOT NULL,
  decide_time DATETIME(6) NULL,
  consortium_title VARCHAR(120) NOT NULL,
  lead_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  participants JSON NOT NULL,
  district VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submitted TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  KEY construction_report_consortium (consortium, end_date),
  KEY construction_report_remind (state, reminded, remind_time),
  KEY construction_report_due (state, overdue, due_time)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE construction_version (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  sequence BIGINT NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  no_change TINYINT NOT NULL,
  items JSON NOT NULL,
  funds_yuan BIGINT NOT NULL,
  problem TEXT NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submit_time DATETIME(6) NULL,
  return_reason VARCHAR(1000) NOT NULL,
  decide_time DATETIME(6) NULL,
  consortium_title VARCHAR(120) NOT NULL,
  lead_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  participants JSON NOT NULL,
  district VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submitted TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- One draft of a report; what was handed in shares NULL.
  draft_of VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin
    AS (IF(state = 'DRAFT', SUBSTRING_INDEX(name, '/', 4), NULL)) STORED,
  UNIQUE KEY construction_version_draft (draft_of)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE evaluation ADD COLUMN reports JSON NOT NULL DEFAULT '[]';
