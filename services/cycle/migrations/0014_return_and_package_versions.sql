-- What an enterprise gave back and what a unit packed, each version beside those before (CYC-5, CYC-6),
-- and which of them a hand-over was for.

-- What its rows said is in form_version_rows, under its name.
CREATE TABLE return_version (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision BIGINT NOT NULL,
  submit_time DATETIME(6) NULL,
  account VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason TEXT NOT NULL,
  no_change TINYINT NOT NULL,
  row_count BIGINT NOT NULL,
  content_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY return_version_enterprise (enterprise, name),
  KEY return_version_unit (unit, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE package_version (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision BIGINT NOT NULL,
  pack_time DATETIME(6) NULL,
  account VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason TEXT NOT NULL,
  form_count BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  byte_count BIGINT NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  content_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY package_version_enterprise (enterprise, name),
  KEY package_version_unit (unit, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE package
  ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE handover
  ADD COLUMN versions JSON NOT NULL DEFAULT '[]';

-- What was packed until now is the first version that is known of it.
INSERT INTO package_version (name, enterprise, enterprise_title, unit, revision, pack_time, account,
    reason, form_count, row_count, byte_count, sha256, content_sha256, create_time, update_time, version)
SELECT CONCAT(name, '/versions/1'), enterprise, enterprise_title, unit, 1, pack_time, '',
    '', form_count, row_count, byte_count, sha256, '', create_time, update_time, 1
FROM package;
UPDATE package SET revision = 1;

-- The bytes are those of a version.
ALTER TABLE package_file
  CHANGE COLUMN package package_version VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE package_file SET package_version = CONCAT(package_version, '/versions/1');
