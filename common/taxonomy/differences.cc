#include "common/taxonomy/differences.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/differences.h"
#include "common/policy/life.h"

namespace chanyan::taxonomy {
namespace {

using Industries = absl::flat_hash_map<std::string, const v1::IndustryNode*>;

Industries ById(const v1::Taxonomy& taxonomy) {
  Industries out;
  for (const v1::IndustryNode& node : taxonomy.industries()) out[node.id()] = &node;
  return out;
}

// As it stands in the tree:
// 运输设备（gbt4754/37，上级：…，仅为分组，待核对）.
std::string Described(const v1::IndustryNode* node, const Industries& all) {
  if (node == nullptr) return "";
  std::string out = absl::StrCat(node->display_name(), "（", node->id());
  if (!node->parent_id().empty()) {
    const auto parent = all.find(node->parent_id());
    absl::StrAppend(&out, "，上级：",
                    parent == all.end() ? node->parent_id() : parent->second->display_name());
  }
  if (node->is_group()) absl::StrAppend(&out, "，仅为分组");
  if (node->to_be_verified()) absl::StrAppend(&out, "，待核对");
  return absl::StrCat(out, "）");
}

std::string Described(const v1::Correspondence& line) {
  return absl::StrCat(line.from_title(), "（", line.from_id(), "）对应", line.to_title(), "（",
                      line.to_id(), "）");
}

// Who says so, in which words.
std::string Grounds(const v1::Correspondence& line) {
  return absl::StrCat(policy::LabelOf(line.source()), "：", line.note());
}

v1::FieldDifference Line(const char* field, const char* label, std::string before,
                         std::string after) {
  v1::FieldDifference line;
  line.set_field(field);
  line.set_label(label);
  line.set_before(std::move(before));
  line.set_after(std::move(after));
  return line;
}

class Comparison {
 public:
  Comparison(const v1::Taxonomy& before, const v1::Taxonomy& after)
      : before_(before), after_(after) {}

  void Fields() {
    v1::Taxonomy left = before_;
    v1::Taxonomy right = after_;
    for (v1::Taxonomy* one : {&left, &right}) {
      one->clear_industries();
      one->clear_industry_count();
      one->clear_correspondences();
    }
    for (api::Difference& one : api::Differences(left, right)) {
      v1::FieldDifference line;
      line.set_field(std::move(one.field));
      line.set_label(std::move(one.label));
      line.set_before(std::move(one.before));
      line.set_after(std::move(one.after));
      out_.push_back(std::move(line));
    }
  }

  void Trees() {
    const Industries old = ById(before_);
    const Industries now = ById(after_);
    for (const v1::IndustryNode& node : before_.industries()) {
      if (!now.contains(node.id())) {
        out_.push_back(Line("industries", "删除产业", Described(&node, old), ""));
      }
    }
    for (const v1::IndustryNode& node : after_.industries()) {
      const auto found = old.find(node.id());
      if (found == old.end()) {
        out_.push_back(Line("industries", "新增产业", "", Described(&node, now)));
        continue;
      }
      // A parent's new name alone changes nothing of what lies below it.
      const v1::IndustryNode& was = *found->second;
      if (was.display_name() != node.display_name() || was.parent_id() != node.parent_id() ||
          was.is_group() != node.is_group() || was.to_be_verified() != node.to_be_verified()) {
        out_.push_back(Line("industries", "修改产业", Described(&was, old), Described(&node, now)));
      }
    }
  }

  void Correspondences() {
    using Lines = absl::flat_hash_map<std::pair<std::string, std::string>, std::string>;
    const auto pairs = [](const v1::Taxonomy& taxonomy) {
      Lines out;
      for (const v1::Correspondence& line : taxonomy.correspondences()) {
        out[{line.from_id(), line.to_id()}] = Grounds(line);
      }
      return out;
    };
    const auto old = pairs(before_);
    const auto now = pairs(after_);
    for (const v1::Correspondence& line : before_.correspondences()) {
      if (now.contains({line.from_id(), line.to_id()})) continue;
      out_.push_back(Line("correspondences", "删除对照", Described(line), ""));
    }
    for (const v1::Correspondence& line : after_.correspondences()) {
      const auto was = old.find({line.from_id(), line.to_id()});
      if (was == old.end()) {
        out_.push_back(Line("correspondences", "新增对照", "", Described(line)));
      } else if (was->second != Grounds(line)) {
        // Its name at either end may have changed; that is said where the industry stands.
        out_.push_back(Line("correspondences", "修改对照",
                            absl::StrCat(Described(line), "：", was->second),
                            absl::StrCat(Described(line), "：", Grounds(line))));
      }
    }
  }

  std::vector<v1::FieldDifference> Take() && { return std::move(out_); }

 private:
  const v1::Taxonomy& before_;
  const v1::Taxonomy& after_;
  std::vector<v1::FieldDifference> out_;
};

}  // namespace

std::vector<v1::FieldDifference> TaxonomyDifferences(const v1::Taxonomy& before,
                                                     const v1::Taxonomy& after) {
  Comparison comparison(before, after);
  comparison.Fields();
  comparison.Trees();
  comparison.Correspondences();
  return std::move(comparison).Take();
}

}  // namespace chanyan::taxonomy
