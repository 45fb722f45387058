-- What the funnel counts results by, as an index of its own in the order of their names (TRI-6): it is read instead of
-- the library's texts, and beside the entries of stages, which are in that order too. Lists count by their digest.
ALTER TABLE result
  ADD COLUMN industries_digest CHAR(32) CHARACTER SET ascii COLLATE ascii_bin AS (MD5(industries)) STORED,
  ADD COLUMN classes_digest CHAR(32) CHARACTER SET ascii COLLATE ascii_bin AS (MD5(classes)) STORED,
  ADD KEY result_funnel (name, state, funnel_stage, team, university, industries_digest, classes_digest, department,
                         agency, investor, office, holder);
