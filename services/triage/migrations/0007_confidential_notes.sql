-- What was set aside of a confidential part is noted on the part itself (TRI-1).
ALTER TABLE confidential_part ADD COLUMN text_notes JSON NOT NULL DEFAULT '[]' AFTER holder;
