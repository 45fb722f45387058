-- Revisions of published platforms, marks of staleness with their reminders, and attachments
-- (REG-2).
ALTER TABLE platform
  ADD COLUMN stale TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN withdraw_reason VARCHAR(400) NOT NULL DEFAULT '',
  ADD COLUMN publish_time DATETIME(6) NULL,
  ADD COLUMN remind_time DATETIME(6) NULL,
  ADD COLUMN reminder_count BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN open_revision VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN attachments JSON NOT NULL DEFAULT '[]',
  ADD KEY platform_stale (stale, name);

-- The journal knows when a platform was first published; what is older than the journal was
-- confirmed when it was published.
UPDATE platform SET publish_time = COALESCE(
    (SELECT MIN(j.time) FROM journal j WHERE j.resource = platform.name
      AND j.after_json LIKE '%"state":"PLATFORM_STATE_PUBLISHED"%'),
    confirm_time)
  WHERE state IN ('PUBLISHED', 'WITHDRAWN');

CREATE TABLE platform_revision (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number BIGINT NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proposed JSON NULL,
  replaced JSON NULL,
  steps JSON NOT NULL,
  submit_time DATETIME(6) NULL,
  publish_time DATETIME(6) NULL,
  publish_verdicts JSON NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- A platform has one open revision at most.
  open_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin
    AS (IF(state IN ('DRAFT', 'IN_REVIEW', 'RETURNED'), platform, NULL)) STORED,
  UNIQUE KEY platform_revision_open (open_key),
  UNIQUE KEY platform_revision_number (platform, number),
  KEY platform_revision_state (state, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE platform_attachment (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  file_name VARCHAR(120) NOT NULL,
  description VARCHAR(200) NOT NULL,
  content_type VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  byte_count BIGINT NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  confidential TINYINT NOT NULL,
  listed TINYINT NOT NULL,
  uploader VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY platform_attachment_platform (platform, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The files themselves, each once (common/attachment/store.h).
CREATE TABLE attachment_content (
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  byte_count BIGINT NOT NULL,
  holders BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE attachment_chunk (
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number INT NOT NULL,
  data MEDIUMBLOB NOT NULL,
  PRIMARY KEY (sha256, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
