-- What goes back and what is opened again (CYC-4, CYC-5): why a row was sent back, hand-overs backwards,
-- leave for an enterprise that is late, forms as they were submitted.
ALTER TABLE form_row
  ADD COLUMN return_reason VARCHAR(400) NOT NULL DEFAULT '',
  -- Given by its enterprise, sent back since and not given again.
  ADD COLUMN sent_back TINYINT NOT NULL DEFAULT 0;

ALTER TABLE handover ADD COLUMN sent_back TINYINT NOT NULL DEFAULT 0;

ALTER TABLE package
  ADD COLUMN return_reasons JSON NOT NULL DEFAULT '[]',
  ADD COLUMN return_time DATETIME(6) NULL;

CREATE TABLE return_exception (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `until` DATETIME(6) NULL,
  reason VARCHAR(400) NOT NULL,
  account VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY return_exception_enterprise (enterprise, name),
  KEY return_exception_unit (unit, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE form_version (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision BIGINT NOT NULL,
  submit_time DATETIME(6) NULL,
  account VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  row_count BIGINT NOT NULL,
  content_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY form_version_university (university, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What its rows said: gzip of a line of JSON for each.
CREATE TABLE form_version_rows (
  form_version VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  data LONGBLOB NOT NULL
) ENGINE = InnoDB;
