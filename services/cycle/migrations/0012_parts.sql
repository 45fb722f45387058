-- A form's parts, each with its platform (CYC-4, CYC-5), as they were submitted; names of people beside
-- their accounts; packages whose rows are in another since a merger.
CREATE TABLE platform_part (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform_title VARCHAR(120) NOT NULL,
  college VARCHAR(80) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  managers JSON NOT NULL,
  due_time DATETIME(6) NULL,
  row_count BIGINT NOT NULL,
  issue_time DATETIME(6) NULL,
  submit_time DATETIME(6) NULL,
  on_time TINYINT NOT NULL,
  revision BIGINT NOT NULL,
  return_reasons JSON NOT NULL,
  reclaim_reason VARCHAR(400) NOT NULL,
  file_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  deliver_time DATETIME(6) NULL,
  receive_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY platform_part_university (university, name),
  KEY platform_part_platform (platform, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What its rows said is in form_version_rows, under its name.
CREATE TABLE part_version (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision BIGINT NOT NULL,
  submit_time DATETIME(6) NULL,
  account VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  row_count BIGINT NOT NULL,
  content_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY part_version_university (university, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE person
  ADD COLUMN display_name VARCHAR(60) NOT NULL DEFAULT '';
-- Read once more from the beginning, for the names of those who are known already; what it says is the
-- same however often it is read.
DELETE FROM `cursor` WHERE follower = 'cycle-notices<identity';

ALTER TABLE package
  ADD COLUMN superseded_by VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';
