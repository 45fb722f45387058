-- Nobody looks an entry up by its event's id, which is random: its index cost every change a page of
-- its own to find and split.
ALTER TABLE journal DROP KEY journal_event;
