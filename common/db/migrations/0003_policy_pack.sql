-- Policy packs that the service has decided by (common/rpc/pack_archive.h), the newest last. Written once,
-- at the first start under each; nothing is ever changed or taken away.
CREATE TABLE policy_pack (
  number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  pack VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version VARCHAR(60) NOT NULL,
  -- Of the content.
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- When it was first started under.
  since DATETIME(6) NOT NULL,
  -- The pack in text format, all of its files together.
  content MEDIUMTEXT NOT NULL,
  KEY policy_pack_version (pack, version, since)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
