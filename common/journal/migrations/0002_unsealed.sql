-- An entry that is not sealed has seq 0 instead of NULL: sealing it then changes its row where it
-- stands, while a row that grows is written anew and splits pages that inserts have filled. The index
-- is not unique any more, because many have 0; that a place is given once is the lease's doing, and
-- tools/verify-journal checks it.
-- Nobody looks an entry up by its event's id, which is random: its index cost every change a page of
-- its own to find and split.
ALTER TABLE journal
  DROP KEY journal_event,
  DROP KEY journal_seq,
  ADD KEY journal_seq (seq),
  ALTER seq SET DEFAULT 0;
UPDATE journal SET seq = 0 WHERE seq IS NULL;
ALTER TABLE journal MODIFY seq BIGINT UNSIGNED NOT NULL DEFAULT 0;
