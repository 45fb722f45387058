-- A project that is still held when its consortium is filed anew goes on below the new dossier.
ALTER TABLE held_project
  ADD COLUMN continues VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';
