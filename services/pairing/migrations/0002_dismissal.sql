-- Dismissals (REG-6): a platform that does not suit an enterprise, and why. The name is made of the
-- pair, so a pair has one.
CREATE TABLE dismissal (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform_title VARCHAR(120) NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(400) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY dismissal_enterprise (enterprise, name),
  KEY dismissal_platform (platform, name),
  KEY dismissal_unit (unit, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
