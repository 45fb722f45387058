// The same city's pack as it may be later: every rule calls itself otherwise, and a rule may be
// gone.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/policy/pack.h"
#include "google/protobuf/text_format.h"

namespace chanyan::testing {

inline std::unique_ptr<const policy::Pack> LaterPack(const policy::Pack& pack,
                                                     const std::string& version) {
  policy::v1::PolicyPack later = pack.proto();
  later.set_version(version);
  for (policy::v1::Rule& rule : *later.mutable_rules()) {
    rule.set_display_name(rule.display_name() + "（" + version + "）");
  }
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  EXPECT_TRUE(printer.PrintToString(later, &text));
  auto parsed = policy::Pack::Parse({{"later.textproto", text}});
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *std::move(parsed) : nullptr;
}

}  // namespace chanyan::testing
