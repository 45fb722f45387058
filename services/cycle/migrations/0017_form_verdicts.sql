-- What the pack's rules said of a form and of the rows that were put on it last (POL-2), and who had
-- no published platform when a cycle was opened (CYC-5).
ALTER TABLE form
  ADD COLUMN create_verdicts JSON NULL,
  ADD COLUMN row_verdicts JSON NULL;
ALTER TABLE cycle
  ADD COLUMN unpublished JSON NOT NULL DEFAULT '[]';
