-- The quarterly cycle (CYC-1 to CYC-6, CYC-8). Columns follow the messages of
-- proto/chanyan/cycle/v1/cycle.proto; a start-up check compares them.
CREATE TABLE cycle (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  steps JSON NOT NULL,
  pack VARCHAR(80) NOT NULL,
  rehearsal TINYINT NOT NULL,
  clock DATETIME(6) NULL,
  secretariat VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  open_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE form (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  university_title VARCHAR(120) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  row_count BIGINT NOT NULL,
  submit_time DATETIME(6) NULL,
  on_time TINYINT NOT NULL,
  return_reasons JSON NOT NULL,
  revision BIGINT NOT NULL,
  exception_until DATETIME(6) NULL,
  exception_reason VARCHAR(400) NOT NULL,
  file_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY form_university (university, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE form_row (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform_title VARCHAR(120) NOT NULL,
  college VARCHAR(80) NOT NULL,
  category VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unified_social_credit_code VARCHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kinds JSON NOT NULL,
  title VARCHAR(120) NOT NULL,
  content TEXT NOT NULL,
  sign_date DATE NULL,
  progress TEXT NOT NULL,
  no_change TINYINT NOT NULL,
  problem TEXT NOT NULL,
  origin VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  holder VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  in_transit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  distributed TINYINT NOT NULL,
  delivered TINYINT NOT NULL,
  released TINYINT NOT NULL,
  confirmed TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- cycles/{c}, so that the questions of custody need no prefix scan.
  cycle VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
    AS (SUBSTRING_INDEX(name, '/', 2)) STORED,
  KEY form_row_holder (cycle, holder, in_transit),
  KEY form_row_enterprise (cycle, enterprise),
  KEY form_row_unit (cycle, unit, enterprise)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE handover (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  sender VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  receiver VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  step BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  row_set_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  send_time DATETIME(6) NULL,
  receive_time DATETIME(6) NULL,
  receipt VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reasons JSON NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY handover_receiver (receiver, state),
  KEY handover_sender (sender, state)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The rows of a hand-over, in the order of custody: append-only.
CREATE TABLE handover_row (
  handover VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  form_row VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- Place of this hand-over in the row's chain, from 1.
  hop BIGINT NOT NULL,
  PRIMARY KEY (handover, form_row),
  UNIQUE KEY handover_row_hop (form_row, hop)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Who put a row in and who held it first, the other end of the proof of conservation: never deleted.
CREATE TABLE row_birth (
  form_row VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  cycle VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  origin VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  holder VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  born_time DATETIME(6) NOT NULL,
  -- Set when its university struck it out of its own draft; a row put in again clears it.
  withdrawn_time DATETIME(6) NULL,
  KEY row_birth_cycle (cycle, form_row)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE package (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  form_count BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  byte_count BIGINT NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  pack_time DATETIME(6) NULL,
  on_time TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY package_unit (unit, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The archive of a package, as it was handed in: kept, not made anew.
CREATE TABLE package_file (
  package VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  data LONGBLOB NOT NULL
) ENGINE = InnoDB;

-- When an enterprise gave back, for punctuality: its first time counts.
CREATE TABLE enterprise_return (
  cycle VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  first_time DATETIME(6) NOT NULL,
  on_time TINYINT NOT NULL,
  PRIMARY KEY (cycle, enterprise)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE event (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(120) NOT NULL,
  start_time DATETIME(6) NULL,
  place VARCHAR(120) NOT NULL,
  organizations JSON NOT NULL,
  content TEXT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE leaderboard (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  pack VARCHAR(80) NOT NULL,
  input_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  boards JSON NOT NULL,
  compute_time DATETIME(6) NULL,
  publish_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
