-- A row that its university struck out of its draft may be filled in again, by an enterprise too: that
-- is another life of it, and who put it in before stays on record (CYC-4).
ALTER TABLE row_birth
  -- From 1.
  ADD COLUMN life BIGINT NOT NULL DEFAULT 1,
  -- Place in the row's chain of hand-overs at which the life begins; those before were of earlier ones.
  ADD COLUMN first_hop BIGINT NOT NULL DEFAULT 1,
  DROP PRIMARY KEY,
  ADD PRIMARY KEY (form_row, life);
