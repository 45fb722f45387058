#include "services/triage/listing_content.h"

namespace chanyan::triage {

void FillListing(const v1::Result& result, v1::Listing* listing) {
  listing->set_title(result.title());
  listing->set_university_title(result.university_title());
  *listing->mutable_keywords() = result.keywords();
  listing->set_stage(result.stage());
  *listing->mutable_industries() = result.industries();
  *listing->mutable_fields() = result.fields();
  *listing->mutable_conversion_modes() = result.conversion_modes();
  listing->set_price_mode(result.price_mode());
  listing->set_price_yuan(result.price_yuan());
  listing->set_abstract(result.abstract());
  listing->set_benefits(result.benefits());
  listing->clear_rights();
  for (const v1::Right& right : result.rights()) {
    if (right.status() == v1::RIGHT_STATUS_GRANTED && right.kind() != v1::RIGHT_KIND_KNOW_HOW) {
      *listing->add_rights() = right;
    }
  }
  *listing->mutable_maturity() = result.maturity();
  listing->set_revision(result.revision());
  listing->set_result(result.name());
  listing->set_university(result.university());
  listing->set_office(result.office());
}

}  // namespace chanyan::triage
