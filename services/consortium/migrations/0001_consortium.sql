-- Dossiers and their steps (CON-1, CON-3), eligibility (CON-2), filings (CON-6), evaluation (CON-7), supervision
-- (CON-8), credit and support (CON-9). Columns follow the messages of proto/chanyan/consortium/v1.
CREATE TABLE consortium (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  display_name VARCHAR(120) NOT NULL,
  lead_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lead_unit_title VARCHAR(120) NOT NULL,
  lead_standing TEXT NOT NULL,
  industries JSON NOT NULL,
  track VARCHAR(60) NOT NULL,
  members JSON NOT NULL,
  agreement JSON NULL,
  chief_expert JSON NULL,
  director JSON NULL,
  plan JSON NULL,
  pledge JSON NULL,
  soft_reason VARCHAR(1000) NOT NULL,
  renews VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state_time DATETIME(6) NULL,
  due_time DATETIME(6) NULL,
  due_note VARCHAR(1000) NOT NULL,
  overdue TINYINT NOT NULL,
  state_reason TEXT NOT NULL,
  participants JSON NOT NULL,
  signed_by JSON NOT NULL,
  district VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  district_title VARCHAR(120) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submitted TINYINT NOT NULL,
  submit_time DATETIME(6) NULL,
  verdicts JSON NULL,
  overrides JSON NOT NULL,
  transition_count BIGINT NOT NULL,
  filing VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  valid_until DATE NULL,
  held_projects BIGINT NOT NULL,
  former_lead_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY consortium_lead (lead_unit, state),
  KEY consortium_state (state, due_time),
  KEY consortium_district (district, state),
  KEY consortium_valid (state, valid_until),
  filing_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin AS (NULLIF(filing, '')) STORED,
  UNIQUE KEY consortium_filing (filing_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE transition_record (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  verb VARCHAR(40) NOT NULL,
  from_state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  to_state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  actor_organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  actor_title VARCHAR(60) NOT NULL,
  words TEXT NOT NULL,
  due_time DATETIME(6) NULL,
  late TINYINT NOT NULL,
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
  UNIQUE KEY transition_record_number (consortium, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE signature (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization_title VARCHAR(120) NOT NULL,
  subject VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  supplement VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  digest VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  signer VARCHAR(40) NOT NULL,
  post VARCHAR(60) NOT NULL,
  account VARCHAR(160) NOT NULL,
  sign_time DATETIME(6) NULL,
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
  UNIQUE KEY signature_once (consortium, organization, subject, digest),
  KEY signature_digest (consortium, digest)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE consortium_attachment (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  file_name VARCHAR(120) NOT NULL,
  description VARCHAR(200) NOT NULL,
  content_type VARCHAR(100) NOT NULL,
  byte_count BIGINT NOT NULL,
  sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  uploader VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consortium_title VARCHAR(120) NOT NULL,
  lead_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  participants JSON NOT NULL,
  district VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submitted TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY consortium_attachment_consortium (consortium)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE eligibility_check (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  cause VARCHAR(60) NOT NULL,
  check_date DATE NULL,
  verdicts JSON NULL,
  facts JSON NOT NULL,
  rules JSON NOT NULL,
  overrides JSON NOT NULL,
  verdicts_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
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
  UNIQUE KEY eligibility_check_number (consortium, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE filing (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  year BIGINT NOT NULL,
  number BIGINT NOT NULL,
  filing_number VARCHAR(60) NOT NULL,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consortium_title VARCHAR(120) NOT NULL,
  lead_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lead_unit_title VARCHAR(120) NOT NULL,
  member_titles JSON NOT NULL,
  industries JSON NOT NULL,
  track VARCHAR(60) NOT NULL,
  file_date DATE NULL,
  valid_until DATE NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  end_date DATE NULL,
  renews VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  renewed_by VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  verification_code VARCHAR(20) NOT NULL,
  certificate_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY filing_year_number (year, number),
  UNIQUE KEY filing_number_text (filing_number),
  KEY filing_state (state, valid_until),
  KEY filing_consortium (consortium)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE expiry_reminder (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  days_before BIGINT NOT NULL,
  valid_until DATE NULL,
  filing_number VARCHAR(60) NOT NULL,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consortium_title VARCHAR(120) NOT NULL,
  lead_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY expiry_reminder_lead (lead_unit)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE held_project (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  project_number VARCHAR(60) NOT NULL,
  title VARCHAR(120) NOT NULL,
  funder VARCHAR(120) NOT NULL,
  funds_yuan BIGINT NOT NULL,
  start_date DATE NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  conclusion VARCHAR(1000) NOT NULL,
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
  KEY held_project_consortium (consortium, state)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE supplement (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  held_project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  joining JSON NOT NULL,
  leaving JSON NOT NULL,
  new_lead VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  document VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(1000) NOT NULL,
  cancel_reason VARCHAR(1000) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proposer VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  digest VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  joiners JSON NOT NULL,
  required_units JSON NOT NULL,
  signed_by JSON NOT NULL,
  effective_time DATETIME(6) NULL,
  verdicts JSON NULL,
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
  open_consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin AS (IF(state = 'PROPOSED', SUBSTRING_INDEX(name, '/', 2), NULL)) STORED,
  UNIQUE KEY supplement_open (open_consortium),
  KEY supplement_consortium (consortium)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE membership (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization_title VARCHAR(120) NOT NULL,
  is_lead TINYINT NOT NULL,
  layer VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  start_time DATETIME(6) NULL,
  end_time DATETIME(6) NULL,
  cause VARCHAR(255) NOT NULL,
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
  open_key VARCHAR(511) CHARACTER SET ascii COLLATE ascii_bin AS (IF(end_time IS NULL, CONCAT(SUBSTRING_INDEX(name, '/', 2), ' ', organization), NULL)) STORED,
  UNIQUE KEY membership_open (open_key),
  KEY membership_organization (organization, end_time),
  KEY membership_consortium (consortium)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE evaluation (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  period VARCHAR(60) NOT NULL,
  evaluator VARCHAR(120) NOT NULL,
  scores JSON NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  total BIGINT NOT NULL,
  grade VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  derivation VARCHAR(1000) NOT NULL,
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
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  open_consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin AS (IF(state = 'OPEN', SUBSTRING_INDEX(name, '/', 2), NULL)) STORED,
  UNIQUE KEY evaluation_open (open_consortium)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE bar (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization_title VARCHAR(120) NOT NULL,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(1000) NOT NULL,
  start_date DATE NULL,
  end_date DATE NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  clause JSON NULL,
  appeal_state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  appeal_due_time DATETIME(6) NULL,
  appeal_grounds TEXT NOT NULL,
  appeal_time DATETIME(6) NULL,
  appeal_finding TEXT NOT NULL,
  lift_time DATETIME(6) NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY bar_organization (organization, state),
  KEY bar_end (state, end_date)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE credit_entry (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization_title VARCHAR(120) NOT NULL,
  person VARCHAR(40) NOT NULL,
  event VARCHAR(60) NOT NULL,
  description TEXT NOT NULL,
  consortium VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  to_judiciary TINYINT NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revoke_reason VARCHAR(1000) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY credit_entry_organization (organization)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE support_measure (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  measure VARCHAR(60) NOT NULL,
  measure_title VARCHAR(120) NOT NULL,
  description VARCHAR(1000) NOT NULL,
  amount_yuan BIGINT NOT NULL,
  grant_date DATE NULL,
  reference VARCHAR(120) NOT NULL,
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
  KEY support_measure_consortium (consortium)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE party (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(120) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  credit_code VARCHAR(18) NOT NULL,
  region_code VARCHAR(12) NOT NULL,
  zone VARCHAR(60) NOT NULL,
  qualifications JSON NOT NULL,
  active TINYINT NOT NULL,
  source_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Last number of a year: taken under its lock in the transaction that files, so that none is left out.
CREATE TABLE filing_counter (
  year INT NOT NULL PRIMARY KEY,
  last_number INT NOT NULL
) ENGINE = InnoDB;

-- Contents of attachments (common/attachment/store.h).
CREATE TABLE attachment_content (
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  byte_count BIGINT NOT NULL,
  holders BIGINT NOT NULL
) ENGINE = InnoDB;

CREATE TABLE attachment_chunk (
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number INT NOT NULL,
  data MEDIUMBLOB NOT NULL,
  PRIMARY KEY (sha256, number)
) ENGINE = InnoDB;

-- Organizations that have become part of others (REG-1).
CREATE TABLE organization_succession (
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  successor VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  successor_title VARCHAR(120) NOT NULL,
  successor_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  noted_time DATETIME(6) NOT NULL,
  KEY organization_succession_successor (successor, organization)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
