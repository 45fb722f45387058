#include "common/sheet/xml.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/text.h"
#include "common/sheet/text.h"
#include "common/status/status.h"

namespace chanyan::sheet {
namespace {

// Depth and number of nodes from the tags alone, before a tree many times their size is built.
// Markup inside comments or CDATA is counted too: it can only make the count too high.
struct Shape {
  size_t nodes = 0;
  size_t depth = 0;
};

Shape ShapeOf(absl::string_view xml) {
  Shape shape;
  size_t depth = 0;
  size_t at = 0;
  size_t end = 0;
  while ((at = xml.find('<', at)) != absl::string_view::npos) {
    const char next = at + 1 < xml.size() ? xml[at + 1] : '\0';
    shape.nodes += next != '/';
    // Looked for only once passed, or a run of '<' would cost its square.
    if (end <= at) {
      end = xml.find('>', at);
    }
    if (end == absl::string_view::npos) {
      break;
    }
    if (next == '/') {
      depth -= depth > 0 ? 1 : 0;
    } else if (next != '!' && next != '?' && xml[end - 1] != '/') {
      shape.depth = std::max(shape.depth, ++depth);
    }
    ++at;
  }
  for (const char *p = xml.data(), *stop = p + xml.size();
       (p = static_cast<const char*>(std::memchr(p, '=', stop - p))) != nullptr; ++p) {
    ++shape.nodes;
  }
  return shape;
}

absl::Status CheckText(const Package& package, absl::string_view part, absl::string_view xml) {
  // A DOCTYPE is only harmless where it is only text, and there nobody writes one.
  if (absl::StrContains(xml, "<!DOCTYPE") || absl::StrContains(xml, "<!ENTITY")) {
    return BadFile(package.file_name(),
                   absl::StrCat("文件内部部件 ", part, " 含有 DOCTYPE 声明", kSaveAgain));
  }
  if (!api::IsValidUtf8(xml)) {
    return BadFile(package.file_name(),
                   absl::StrCat("文件内部部件 ", part, " 不是 UTF-8 编码", kSaveAgain));
  }
  const Shape shape = ShapeOf(xml);
  if (shape.nodes > package.limits().xml_nodes || shape.depth > package.limits().xml_depth) {
    return TooLarge(package.file_name(),
                    absl::StrCat("文件内部部件 ", part, " 过大或嵌套过深",
                                 "，请删除设置了格式的空行、空列，或拆分为几个文件后重新上传"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<XmlPart> XmlPart::Read(Package& package, absl::string_view part) {
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, package.Read(part));
  CHANYAN_RETURN_IF_ERROR(CheckText(package, part, bytes));
  XmlPart xml;
  xml.bytes_ = std::make_unique<std::string>(std::move(bytes));
  xml.document_ = std::make_unique<pugi::xml_document>();
  // Blanks inside <t> are text; pugixml knows the five entities and character references only.
  constexpr unsigned kFlags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                              pugi::parse_ws_pcdata_single | pugi::parse_embed_pcdata |
                              pugi::parse_wconv_attribute;
  const pugi::xml_parse_result result = xml.document_->load_buffer_inplace(
      xml.bytes_->data(), xml.bytes_->size(), kFlags, pugi::encoding_utf8);
  if (!result || !xml.document_->document_element()) {
    return BadFile(package.file_name(), absl::StrCat("文件内部部件 ", part, " 已损坏", kSaveAgain));
  }
  return xml;
}

absl::string_view LocalName(const char* name) {
  const char* colon = std::strchr(name, ':');
  return colon == nullptr ? name : colon + 1;
}

pugi::xml_node Child(pugi::xml_node parent, absl::string_view local_name) {
  pugi::xml_node child = parent.first_child();
  while (child && LocalName(child.name()) != local_name) {
    child = child.next_sibling();
  }
  return child;
}

pugi::xml_node Next(pugi::xml_node node, absl::string_view local_name) {
  do {
    node = node.next_sibling();
  } while (node && LocalName(node.name()) != local_name);
  return node;
}

pugi::xml_attribute Attribute(pugi::xml_node node, absl::string_view local_name) {
  pugi::xml_attribute attribute = node.first_attribute();
  while (attribute && LocalName(attribute.name()) != local_name) {
    attribute = attribute.next_attribute();
  }
  return attribute;
}

absl::string_view AttributeText(pugi::xml_node node, absl::string_view local_name) {
  return Attribute(node, local_name).value();
}

bool AttributeBool(pugi::xml_node node, absl::string_view local_name) {
  const absl::string_view value = AttributeText(node, local_name);
  return value == "1" || value == "true";
}

}  // namespace chanyan::sheet
