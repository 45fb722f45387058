-- Lists for the task forces of industries (TRI-7).
CREATE TABLE industry_list (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) NOT NULL,
  industry VARCHAR(120) NOT NULL,
  period_start_date DATE NULL,
  period_end_date DATE NULL,
  title VARCHAR(200) NOT NULL,
  kind_title VARCHAR(120) NOT NULL,
  industry_title VARCHAR(120) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  year BIGINT NOT NULL,
  number BIGINT NOT NULL,
  edition BIGINT NOT NULL,
  corrects VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  corrected_by VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(1000) NOT NULL,
  line_count BIGINT NOT NULL,
  collect_time DATETIME(6) NULL,
  recipients JSON NOT NULL,
  recipient_titles JSON NOT NULL,
  issue_time DATETIME(6) NULL,
  due_time DATETIME(6) NULL,
  author VARCHAR(160) NOT NULL,
  issuer VARCHAR(160) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- One draft of a kind and industry at a time.
  draft_of VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin AS (IF(state = 'DRAFT', CONCAT(kind, ' ', industry), NULL)) STORED,
  -- Numbers are given once; corrections keep theirs.
  numbered VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin AS (IF(state IN ('ISSUED', 'CORRECTED'), CONCAT(kind, ' ', year, ' ', number, ' ', edition), NULL)) STORED,
  UNIQUE KEY industry_list_draft (draft_of),
  UNIQUE KEY industry_list_number (numbered),
  KEY industry_list_state (state, issue_time)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE list_line (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_revision BIGINT NOT NULL,
  title VARCHAR(120) NOT NULL,
  owner_title VARCHAR(120) NOT NULL,
  industries JSON NOT NULL,
  fields JSON NOT NULL,
  keywords JSON NOT NULL,
  stage VARCHAR(40) NOT NULL,
  maturity VARCHAR(1000) NOT NULL,
  modes JSON NOT NULL,
  amount_yuan BIGINT NOT NULL,
  summary TEXT NOT NULL,
  bottleneck TINYINT NOT NULL,
  novelty TINYINT NOT NULL,
  issued TINYINT NOT NULL,
  recipients JSON NOT NULL,
  proprietor VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  list VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  KEY list_line_list (list, number),
  KEY list_line_subject (subject)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE list_feedback (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  text VARCHAR(1000) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_title VARCHAR(120) NOT NULL,
  author VARCHAR(160) NOT NULL,
  give_time DATETIME(6) NULL,
  late TINYINT NOT NULL,
  list_title VARCHAR(200) NOT NULL,
  line_title VARCHAR(120) NOT NULL,
  subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proprietor VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  list VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  KEY list_feedback_list (list, unit)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE list_delivery (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  recipient VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  recipient_title VARCHAR(120) NOT NULL,
  list_title VARCHAR(200) NOT NULL,
  line_count BIGINT NOT NULL,
  answered_count BIGINT NOT NULL,
  done TINYINT NOT NULL,
  issue_time DATETIME(6) NULL,
  due_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  list VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  KEY list_delivery_list (list),
  KEY list_delivery_due (done, due_time)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Last number of what is numbered without gap, by kind and year: taken in the transaction that issues it.
CREATE TABLE issue_number (
  series VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  year BIGINT NOT NULL,
  last_number BIGINT NOT NULL,
  PRIMARY KEY (series, year)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
