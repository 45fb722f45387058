-- Files of projects and of frame cooperation (PAIR-3, PAIR-7, PAIR-8), enterprises for which the rule of
-- coverage is set aside (PAIR-6), and what of the registry has changed of late.
CREATE TABLE project_file (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  project_title VARCHAR(120) NOT NULL,
  file_name VARCHAR(120) NOT NULL,
  description VARCHAR(200) NOT NULL,
  content_type VARCHAR(100) NOT NULL,
  byte_count BIGINT NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  uploader VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
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
  -- The same content is kept once in a project.
  UNIQUE KEY project_file_content (project, sha256),
  KEY project_file_uploader (uploader, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE cooperation_file (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  file_name VARCHAR(120) NOT NULL,
  description VARCHAR(200) NOT NULL,
  content_type VARCHAR(100) NOT NULL,
  byte_count BIGINT NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  uploader VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY cooperation_file_content (subject, sha256)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

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

ALTER TABLE outreach
  ADD COLUMN coverage_verdicts JSON NULL,
  ADD COLUMN coverage_override_time DATETIME(6) NULL,
  ADD COLUMN coverage_restore_reason VARCHAR(400) NOT NULL DEFAULT '';

CREATE OR REPLACE SQL SECURITY INVOKER VIEW roster_outreach AS
  SELECT
    entry.name, entry.enterprise, entry.enterprise_title, entry.unified_social_credit_code,
    entry.unit, entry.unit_title, entry.zone, entry.town, entry.industry, entry.size,
    COALESCE(outreach.assignee, '') AS assignee,
    outreach.next_action_date,
    COALESCE(outreach.contact_count, 0) AS contact_count,
    outreach.last_contact_time,
    COALESCE(outreach.last_method, '') AS last_method,
    COALESCE(outreach.last_result, '') AS last_result,
    COALESCE(outreach.reason, '') AS reason,
    outreach.reason_time,
    outreach.coverage_override_time,
    entry.create_time, entry.update_time, entry.version
  FROM roster_entry AS entry
  LEFT JOIN outreach ON outreach.enterprise = entry.enterprise;

-- Organizations and platforms by the place in the registry's journal of their last change that was
-- followed: what was read of one before is not written after.
CREATE TABLE registry_change (
  resource VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  KEY registry_change_seq (seq)
) ENGINE = InnoDB;
