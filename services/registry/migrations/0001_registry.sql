-- Organizations (REG-1) and platforms (REG-2). Columns follow the messages of
-- proto/chanyan/registry/v1/registry.proto; a start-up check compares them.
CREATE TABLE organization (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  display_name VARCHAR(120) NOT NULL,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unified_social_credit_code VARCHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  region_code VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  zone VARCHAR(60) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  parent VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  industries JSON NOT NULL,
  qualifications JSON NOT NULL,
  contacts JSON NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  former_names JSON NOT NULL,
  demonstration TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- A code belongs to one organization; those without a code share the empty string.
  code_key VARCHAR(18) CHARACTER SET ascii COLLATE ascii_bin
    AS (NULLIF(unified_social_credit_code, '')) STORED,
  UNIQUE KEY organization_code (code_key),
  KEY organization_display_name (display_name),
  KEY organization_kind (kind, state, name),
  KEY organization_unit (unit, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE platform (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization_title VARCHAR(120) NOT NULL,
  display_name VARCHAR(120) NOT NULL,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  level VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  college VARCHAR(80) NOT NULL,
  introduction TEXT NOT NULL,
  capabilities JSON NOT NULL,
  services JSON NOT NULL,
  industries JSON NOT NULL,
  contacts JSON NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  return_reasons JSON NOT NULL,
  confirm_time DATETIME(6) NULL,
  publish_verdicts JSON NOT NULL,
  demonstration TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- Within an organization a platform is known by its name.
  UNIQUE KEY platform_title (organization, display_name),
  KEY platform_state (state, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
