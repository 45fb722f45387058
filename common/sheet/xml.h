// XML parts of an .xlsx as trees, refused before they are parsed when they could hurt.
#pragma once

#include <memory>
#include <string>

#include <pugixml.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sheet/package.h"

namespace chanyan::sheet {

// A tree and the bytes it points into.
class XmlPart {
 public:
  // Reads and parses a part of the package. Refuses a DOCTYPE (and with it every entity but the
  // five of XML), encodings other than UTF-8, invalid UTF-8, too many nodes and too deep nesting.
  static absl::StatusOr<XmlPart> Read(Package& package, absl::string_view part);

  pugi::xml_node root() const { return document_->document_element(); }

 private:
  XmlPart() = default;
  std::unique_ptr<std::string> bytes_;
  std::unique_ptr<pugi::xml_document> document_;
};

// Programs choose their own prefixes (x:row) and the strict variant its own namespaces, so that
// names are compared without them.
absl::string_view LocalName(const char* name);
pugi::xml_node Child(pugi::xml_node parent, absl::string_view local_name);
// The next sibling of that name; null node at the end.
pugi::xml_node Next(pugi::xml_node node, absl::string_view local_name);
pugi::xml_attribute Attribute(pugi::xml_node node, absl::string_view local_name);
absl::string_view AttributeText(pugi::xml_node node, absl::string_view local_name);
// xsd:boolean.
bool AttributeBool(pugi::xml_node node, absl::string_view local_name);

}  // namespace chanyan::sheet
