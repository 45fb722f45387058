-- Objections to leaderboards (CYC-8) and disputes of rows (CYC-4).
CREATE TABLE objection (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  board VARCHAR(60) NOT NULL,
  subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_title VARCHAR(120) NOT NULL,
  content TEXT NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  object_time DATETIME(6) NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  finding TEXT NOT NULL,
  decide_time DATETIME(6) NULL,
  decided_by VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY objection_organization (organization, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE row_dispute (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  form_row VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  row_title VARCHAR(300) NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason TEXT NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  finding TEXT NOT NULL,
  settled_by VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  settle_time DATETIME(6) NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY row_dispute_row (form_row, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
