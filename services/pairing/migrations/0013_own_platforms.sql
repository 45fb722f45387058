-- Projects of an enterprise with a platform of its own, which mergers make, count for no coverage (PAIR-6):
-- the index that coverage reads alone says whose platform it is. What the pack said of recommending a base
-- (PAIR-8, POL-2).
ALTER TABLE project
  DROP KEY project_standing,
  ADD KEY project_standing (enterprise, state, platform, university);

ALTER TABLE co_built_base ADD COLUMN recommend_verdicts JSON NULL;
