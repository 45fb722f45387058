-- By which procedure and pack keys were made stands with the keys: a new organization writes one
-- table less. Keys without it are made anew by the service's own job.
ALTER TABLE organization_key
  ADD COLUMN fingerprint CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';
UPDATE organization_key k JOIN organization_key_stamp s ON s.organization = k.organization
  SET k.fingerprint = s.fingerprint;
-- organization_key_stamp goes with a later migration: replicas of the release before still write it.
