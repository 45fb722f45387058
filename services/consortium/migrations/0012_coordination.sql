-- What is coordinated for consortia (CON-7), and for how many months one is filed (CON-6; 0 = the most that the
-- pack has, and of filings from before it was kept).
CREATE TABLE coordination_item (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  content TEXT NOT NULL,
  report VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  raised_by VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  assignee VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  assignee_title VARCHAR(120) NOT NULL,
  instruction VARCHAR(1000) NOT NULL,
  assign_time DATETIME(6) NULL,
  due_time DATETIME(6) NULL,
  overdue TINYINT NOT NULL,
  late TINYINT NOT NULL,
  answer TEXT NOT NULL,
  answer_time DATETIME(6) NULL,
  finding TEXT NOT NULL,
  conclude_time DATETIME(6) NULL,
  consortium_title VARCHAR(120) NOT NULL,
  lead_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  participants JSON NOT NULL,
  district VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submitted TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY coordination_item_report (report),
  KEY coordination_item_assignee (assignee, state),
  KEY coordination_item_due (state, overdue, due_time)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE public_notice ADD COLUMN valid_months BIGINT NOT NULL DEFAULT 0;
ALTER TABLE filing ADD COLUMN valid_months BIGINT NOT NULL DEFAULT 0;
