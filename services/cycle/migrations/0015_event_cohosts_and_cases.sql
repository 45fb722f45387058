-- With whom an exchange event is held; who leads and who helps in a campaign of the province, and the
-- typical cases that were chosen of it (CYC-7).
ALTER TABLE event
  ADD COLUMN co_hosts JSON NOT NULL DEFAULT '[]',
  ADD COLUMN co_host_titles JSON NOT NULL DEFAULT '[]';
ALTER TABLE chain_campaign
  ADD COLUMN lead_offices JSON NOT NULL DEFAULT '[]',
  ADD COLUMN supporting_offices JSON NOT NULL DEFAULT '[]',
  ADD COLUMN cases JSON NOT NULL DEFAULT '[]';
