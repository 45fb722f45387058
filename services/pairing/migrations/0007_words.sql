-- Whose word a record is, for the hand-over of a merger (REG-1): found without reading all of them.
ALTER TABLE problem ADD KEY problem_raised_by (raised_by, name);
ALTER TABLE outcome ADD KEY outcome_declared_by (declared_by, name);
