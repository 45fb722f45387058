-- Expert review (CON-4) and public notice (CON-5). Columns follow the messages of
-- proto/chanyan/consortium/v1/{expert,review,review_meeting,notice}.proto.

CREATE TABLE expert (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  person VARCHAR(40) NOT NULL,
  account VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  employer VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  category VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fields JSON NOT NULL,
  professional_title VARCHAR(60) NOT NULL,
  phone VARCHAR(40) NOT NULL,
  terms JSON NOT NULL,
  past_employers JSON NOT NULL,
  interests JSON NOT NULL,
  declare_time DATETIME(6) NULL,
  employer_title VARCHAR(120) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  suspend_reason VARCHAR(1000) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY expert_account (account),
  KEY expert_state (state, category)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE review_panel (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consortium_title VARCHAR(120) NOT NULL,
  sheet VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  round VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seed VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  due_time DATETIME(6) NULL,
  due_derivation VARCHAR(500) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  assignment_count BIGINT NOT NULL,
  submitted_count BIGINT NOT NULL,
  score_thousandths BIGINT NOT NULL,
  counted_sheets BIGINT NOT NULL,
  struck_out_sheets BIGINT NOT NULL,
  passed TINYINT NOT NULL,
  result_revision BIGINT NOT NULL,
  result_note VARCHAR(1000) NOT NULL,
  close_time DATETIME(6) NULL,
  close_reason VARCHAR(1000) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY review_panel_consortium (consortium, state),
  KEY review_panel_round (sheet, round, state)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE panel_draw (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  input JSON NULL,
  input_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  drawn JSON NOT NULL,
  left_out JSON NOT NULL,
  drawn_by VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE review_assignment (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consortium_title VARCHAR(120) NOT NULL,
  sheet VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  expert VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person VARCHAR(40) NOT NULL,
  account VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  employer VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  category VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proof JSON NULL,
  latest_proof JSON NULL,
  conflicts JSON NOT NULL,
  reason VARCHAR(1000) NOT NULL,
  due_time DATETIME(6) NULL,
  accept_time DATETIME(6) NULL,
  draw VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY review_assignment_account (account, state),
  KEY review_assignment_expert (expert)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE score_sheet (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  scores JSON NOT NULL,
  opinion TEXT NOT NULL,
  internal_opinion TEXT NOT NULL,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  panel VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  employer VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  total_tenths BIGINT NOT NULL,
  revealed TINYINT NOT NULL,
  strike_out_reason VARCHAR(1000) NOT NULL,
  submit_time DATETIME(6) NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY score_sheet_panel (panel, state),
  KEY score_sheet_account (account)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE review_meeting (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  start_time DATETIME(6) NULL,
  place VARCHAR(200) NOT NULL,
  visitors JSON NOT NULL,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consortium_title VARCHAR(120) NOT NULL,
  lead_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  district VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  answers JSON NOT NULL,
  questions JSON NOT NULL,
  conclusion VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  minutes TEXT NOT NULL,
  reason VARCHAR(1000) NOT NULL,
  record_time DATETIME(6) NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY review_meeting_consortium (consortium, kind, state),
  KEY review_meeting_lead (lead_unit)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE public_notice (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(200) NOT NULL,
  consortium_title VARCHAR(120) NOT NULL,
  lead_title VARCHAR(120) NOT NULL,
  member_titles JSON NOT NULL,
  industries JSON NOT NULL,
  content TEXT NOT NULL,
  start_date DATE NULL,
  deadline DATETIME(6) NULL,
  workdays BIGINT NOT NULL,
  derivation VARCHAR(500) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  result VARCHAR(500) NOT NULL,
  filing_number VARCHAR(60) NOT NULL,
  end_time DATETIME(6) NULL,
  hold_reason VARCHAR(1000) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY public_notice_state (state, deadline),
  KEY public_notice_start (start_date),
  open_consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin
    AS (IF(state = 'OPEN', consortium, NULL)) STORED,
  UNIQUE KEY public_notice_open (open_consortium)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE notice_objection (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  content TEXT NOT NULL,
  contact_person VARCHAR(40) NOT NULL,
  contact_phone VARCHAR(40) NOT NULL,
  notice VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  receipt_number VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  receipt_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submit_time DATETIME(6) NULL,
  answer_due_time DATETIME(6) NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  finding TEXT NOT NULL,
  decide_time DATETIME(6) NULL,
  decided_by VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  evidence_count BIGINT NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY notice_objection_receipt (receipt_number),
  KEY notice_objection_notice (notice, state),
  KEY notice_objection_organization (organization)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE objection_evidence (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  objection VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  file_name VARCHAR(120) NOT NULL,
  content_type VARCHAR(100) NOT NULL,
  byte_count BIGINT NOT NULL,
  sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  KEY objection_evidence_objection (objection)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Objections a day: from one source (a digest of day and address, or an organization) and, of the
-- public, to one notice. Counted in the transaction that takes the objection.
CREATE TABLE objection_quota (
  day DATE NOT NULL,
  source CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  taken BIGINT NOT NULL,
  PRIMARY KEY (day, source)
) ENGINE = InnoDB;
