-- Objections of the public, without an account (CYC-8). Contacts are sealed
-- (common/crypto/keyring.h); objections are counted by day and source (common/objection/quota.h).
ALTER TABLE objection
  ADD COLUMN source VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'ORGANIZATION',
  ADD COLUMN contact_person VARCHAR(400) NOT NULL DEFAULT '',
  ADD COLUMN contact_phone VARCHAR(400) NOT NULL DEFAULT '',
  ADD COLUMN contact_email VARCHAR(400) NOT NULL DEFAULT '',
  ADD COLUMN receipt_number VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN receipt_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN evidence_count BIGINT NOT NULL DEFAULT 0,
  ADD KEY objection_receipt (receipt_number);

CREATE TABLE objection_quota (
  day DATE NOT NULL,
  source CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  taken BIGINT NOT NULL,
  PRIMARY KEY (day, source)
) ENGINE = InnoDB;

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
  KEY objection_evidence_objection (objection)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Contents of evidence (common/attachment/store.h).
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
