-- Duty lists (REG-8) and policy dividends (REG-9). Columns follow the messages of
-- proto/chanyan/registry/v1/reference.proto.
CREATE TABLE industry_duty (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  industry VARCHAR(60) NOT NULL,
  lead_unit VARCHAR(120) NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  supporting_units JSON NOT NULL,
  scope TEXT NOT NULL,
  source VARCHAR(300) NOT NULL,
  effective_from DATE NULL,
  effective_until DATE NULL,
  demonstration TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY industry_duty_key (industry, lead_unit)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE task_force_member (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  task_force VARCHAR(80) NOT NULL,
  industries JSON NOT NULL,
  unit VARCHAR(120) NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person VARCHAR(40) NOT NULL,
  title VARCHAR(60) NOT NULL,
  part VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  phone VARCHAR(40) NOT NULL,
  email VARCHAR(254) NOT NULL,
  demonstration TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY task_force_member_key (task_force, unit, person)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE policy_dividend (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  display_name VARCHAR(120) NOT NULL,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  document VARCHAR(200) NOT NULL,
  clause VARCHAR(60) NOT NULL,
  clause_text TEXT NOT NULL,
  benefit TEXT NOT NULL,
  applicants VARCHAR(400) NOT NULL,
  applicant_kinds JSON NOT NULL,
  industries JSON NOT NULL,
  how_to_apply TEXT NOT NULL,
  responsible_unit VARCHAR(120) NOT NULL,
  inquiry VARCHAR(40) NOT NULL,
  effective_from DATE NOT NULL,
  effective_until DATE NULL,
  demonstration TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY policy_dividend_key (display_name, document, clause),
  KEY policy_dividend_effective (effective_from, effective_until)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
