-- Rules of principle that the bureau set aside for a supplement.
ALTER TABLE supplement ADD COLUMN overrides JSON NOT NULL DEFAULT '[]';
