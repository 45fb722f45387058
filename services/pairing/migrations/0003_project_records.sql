-- Records of a project: contacts (PAIR-2), agreements (PAIR-3), versions of reports (PAIR-4), problems
-- (PAIR-5), outcomes (PAIR-7), and the alarms that their clocks ring. Columns follow the messages of
-- proto/chanyan/pairing/v1; `project` of a record is made of its name.
ALTER TABLE project
  ADD COLUMN create_verdicts JSON NULL,
  ADD COLUMN sign_verdicts JSON NULL,
  ADD COLUMN agreement VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';

ALTER TABLE progress_report
  ADD COLUMN category VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN counted_version VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN conflicts JSON NOT NULL DEFAULT '[]',
  ADD COLUMN project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin
    AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  ADD KEY progress_report_project (project);

CREATE TABLE contact (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  author VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  people VARCHAR(120) NOT NULL,
  contact_time DATETIME(6) NULL,
  channel VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  content TEXT NOT NULL,
  next_step VARCHAR(400) NOT NULL,
  next_date DATE NULL,
  internal TINYINT NOT NULL,
  respondent VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  respond_by DATETIME(6) NULL,
  respond_by_derivation VARCHAR(1000) NOT NULL,
  answer_time DATETIME(6) NULL,
  answer VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  late TINYINT NOT NULL,
  in_reply_to VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  project_title VARCHAR(120) NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin
    AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  KEY contact_project (project),
  KEY contact_state (state, respond_by)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE agreement (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sequence BIGINT NOT NULL,
  number VARCHAR(60) NOT NULL,
  title VARCHAR(120) NOT NULL,
  parties JSON NOT NULL,
  sign_date DATE NULL,
  effective_date DATE NULL,
  expire_date DATE NULL,
  content TEXT NOT NULL,
  documents JSON NOT NULL,
  contract_kind VARCHAR(40) NOT NULL,
  contract_variant VARCHAR(40) NOT NULL,
  contract_registration_number VARCHAR(60) NOT NULL,
  contract_amount JSON NULL,
  contract_technology_amount JSON NULL,
  contract_fields JSON NOT NULL,
  project_title VARCHAR(120) NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin
    AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  UNIQUE KEY agreement_number (project, number),
  UNIQUE KEY agreement_sequence (project, sequence)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE report_version (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  quarter VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sequence BIGINT NOT NULL,
  origin VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  progress TEXT NOT NULL,
  no_change TINYINT NOT NULL,
  problem TEXT NOT NULL,
  base VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `row` VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  author VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submit_time DATETIME(6) NULL,
  project_title VARCHAR(120) NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  submission BIGINT NOT NULL,
  version BIGINT NOT NULL,
  project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin
    AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  -- One draft of a report and organization; what is submitted or discarded shares NULL.
  draft_of VARCHAR(511) CHARACTER SET ascii COLLATE ascii_bin
    AS (IF(state = 'DRAFT', CONCAT(SUBSTRING_INDEX(name, '/', 4), '+', organization), NULL)) STORED,
  UNIQUE KEY report_version_draft (draft_of),
  UNIQUE KEY report_version_sequence (project, quarter, sequence)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE problem (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  content TEXT NOT NULL,
  origin VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  quarter VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  raised_by VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  assignee VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  assignee_title VARCHAR(120) NOT NULL,
  owner VARCHAR(40) NOT NULL,
  due_time DATETIME(6) NULL,
  due_derivation VARCHAR(1000) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  resolution VARCHAR(2000) NOT NULL,
  resolve_time DATETIME(6) NULL,
  escalation_level BIGINT NOT NULL,
  escalated_to VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  escalate_time DATETIME(6) NULL,
  history JSON NOT NULL,
  project_title VARCHAR(120) NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin
    AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  KEY problem_project (project),
  KEY problem_state (state, due_time),
  KEY problem_assignee (assignee, state)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE outcome (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) NOT NULL,
  amount JSON NULL,
  quantity BIGINT NOT NULL,
  measure_unit VARCHAR(20) NOT NULL,
  period_first DATE NULL,
  period_last DATE NULL,
  description TEXT NOT NULL,
  reference VARCHAR(120) NOT NULL,
  evidence JSON NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  declared_by VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  confirm_time DATETIME(6) NULL,
  dispute_reason VARCHAR(1000) NOT NULL,
  project_title VARCHAR(120) NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform_title VARCHAR(120) NOT NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin
    AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  -- Yuan as a number, so that sums are exact and the database's work.
  amount_yuan DECIMAL(27, 9) AS (
    CAST(IFNULL(JSON_VALUE(amount, '$.units'), '0') AS DECIMAL(18, 0)) +
    CAST(IFNULL(JSON_VALUE(amount, '$.nanos'), '0') AS DECIMAL(18, 0)) * 0.000000001) STORED,
  -- A patent or standard counts once in a project; what is withdrawn or has no number shares NULL.
  counted_reference VARCHAR(200)
    AS (IF(state = 'WITHDRAWN' OR reference = '', NULL, CONCAT(kind, '+', reference))) STORED,
  UNIQUE KEY outcome_reference (project, counted_reference),
  KEY outcome_platform (platform),
  KEY outcome_period (period_last)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What rings when; a row is gone once it has rung.
CREATE TABLE alarm (
  resource VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  alarm_time DATETIME(6) NOT NULL,
  PRIMARY KEY (resource, kind, alarm_time),
  KEY alarm_due (alarm_time)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Reports of before came from forms: each becomes its first version, and gets its category.
INSERT INTO report_version (name, quarter, sequence, origin, state, progress, no_change, problem,
  base, `row`, organization, author, submit_time, project_title, platform, university, enterprise,
  enterprise_title, unit, create_time, update_time, submission, version)
SELECT CONCAT(report.name, '/versions/1'), report.quarter, 1, 'FORM', 'SUBMITTED', report.progress,
  report.no_change, report.problem, '', report.`row`, report.university, '', report.update_time,
  project.title, project.platform, report.university, report.enterprise, project.enterprise_title,
  report.unit, report.create_time, report.update_time, 1, 1
FROM progress_report report JOIN project ON project.name = report.project;

UPDATE progress_report report JOIN project ON project.name = report.project
SET report.counted_version = CONCAT(report.name, '/versions/1'),
  report.category = CASE
    WHEN project.sign_date IS NULL
      THEN IF(project.state IN ('SIGNED', 'BUILDING', 'COMPLETED'), 'ONGOING', 'INTENT')
    WHEN CONCAT(YEAR(project.sign_date), 'q', QUARTER(project.sign_date)) > report.quarter
      THEN 'INTENT'
    WHEN CONCAT(YEAR(project.sign_date), 'q', QUARTER(project.sign_date)) = report.quarter THEN 'NEW'
    ELSE 'ONGOING' END;
