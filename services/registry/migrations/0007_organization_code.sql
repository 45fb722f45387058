-- Organizations are looked up by their code as it is spelled in filters; code_key is for uniqueness.
ALTER TABLE organization ADD KEY organization_code_as_given (unified_social_credit_code, name);
