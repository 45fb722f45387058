-- What somebody holds, by university: the return goes through the universities of a city one by one.
ALTER TABLE form_row
  DROP KEY form_row_holder,
  ADD KEY form_row_holder (cycle, holder, in_transit, university);
