-- Intents (REG-3), projects (PAIR-1, PAIR-2, PAIR-4), rosters (PAIR-6). Columns follow the messages
-- of proto/chanyan/pairing/v1/pairing.proto; a start-up check compares them.
CREATE TABLE intent (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  side VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kinds JSON NOT NULL,
  title VARCHAR(120) NOT NULL,
  content TEXT NOT NULL,
  industries JSON NOT NULL,
  expire_time DATETIME(6) NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY intent_state (state, expire_time),
  KEY intent_organization (organization, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE project (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform_title VARCHAR(120) NOT NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(120) NOT NULL,
  kinds JSON NOT NULL,
  content TEXT NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sign_date DATE NULL,
  progress TEXT NOT NULL,
  progress_quarter VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  problem TEXT NOT NULL,
  termination_reason VARCHAR(400) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- One project of a pair that has not ended; ended ones share NULL.
  open_pair VARCHAR(511) CHARACTER SET ascii COLLATE ascii_bin
    AS (IF(state IN ('COMPLETED', 'TERMINATED'), NULL, CONCAT(platform, '+', enterprise))) STORED,
  UNIQUE KEY project_open_pair (open_pair),
  KEY project_university (university, name),
  KEY project_enterprise (enterprise, state),
  KEY project_unit (unit, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE progress_report (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  quarter VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `row` VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  progress TEXT NOT NULL,
  no_change TINYINT NOT NULL,
  problem TEXT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY progress_report_quarter (quarter, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE roster (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  effective_date DATE NULL,
  entry_count BIGINT NOT NULL,
  file_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE roster_entry (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unified_social_credit_code VARCHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_title VARCHAR(120) NOT NULL,
  zone VARCHAR(60) NOT NULL,
  industry VARCHAR(60) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- rosters/{day}, so that coverage needs no prefix scan.
  roster VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
    AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  KEY roster_entry_unit (roster, unit, enterprise),
  KEY roster_entry_enterprise (roster, enterprise)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
