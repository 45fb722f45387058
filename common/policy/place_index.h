// The places of a pack by everything that people call them: one index for all who look a place up.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace chanyan::policy {

// Immutable, thread-safe. Lookups give nullptr when nothing is called so.
class PlaceIndex {
 public:
  // The places outlive it.
  explicit PlaceIndex(const google::protobuf::RepeatedPtrField<v1::Place>& places);

  const v1::Place* Find(absl::string_view id) const { return At(ids_, id); }
  // By display name or alias, to the byte.
  const v1::Place* FindByName(absl::string_view name) const { return At(names_, name); }
  // The same but for width, case, traditional characters, blanks and signs (api::TextKey). Of two
  // names that are the same then, of places of which one lies in the other, the wider one is meant;
  // otherwise neither.
  const v1::Place* Named(absl::string_view name) const;
  // The same, or as people say it: without its suffix (某某 for 某某区), or with the names of the
  // places that it lies in before it.
  const v1::Place* Called(absl::string_view name) const;
  // The first place that is `wanted`, from `place` itself outwards over those that it lies in;
  // nullptr if there is none.
  const v1::Place* Outwards(const v1::Place* place,
                            absl::FunctionRef<bool(const v1::Place&)> wanted) const;
  // The first of them that is a district.
  const v1::Place* DistrictOf(const v1::Place* place) const;

 private:
  using Index = absl::flat_hash_map<std::string, const v1::Place*>;

  static const v1::Place* At(const Index& index, absl::string_view key) {
    const auto it = index.find(key);
    return it == index.end() ? nullptr : it->second;
  }
  bool LiesIn(const v1::Place* place, const v1::Place* in) const;
  void AddKey(absl::string_view name, const v1::Place& place, Index* index) const;
  void AddPlace(const v1::Place& place);

  Index ids_;
  Index names_;
  // By TextKey, null if it is not clear which.
  Index full_;
  Index variants_;
};

}  // namespace chanyan::policy
