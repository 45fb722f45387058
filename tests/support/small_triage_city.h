// The triage of a made-up city with rules of its own: one team, one route, one rung, three
// workdays; a zone that has a department and one that has none; enterprises enter no results
// themselves. Read with testing::PackOf.
#pragma once

namespace chanyan::testing {

inline constexpr char kSmallTriageCity[] = R"(id: "small"
display_name: "甲市"
version: "1"
effective_from { year: 2025 month: 1 day: 1 }
places { id: "9901" display_name: "甲市" kind: PLACE_KIND_CITY }
places { id: "990101" display_name: "甲区" kind: PLACE_KIND_DISTRICT parent_id: "9901" }
places { id: "zone-port" display_name: "港新区" kind: PLACE_KIND_ZONE parent_id: "9901" }
places { id: "zone-lake" display_name: "湖新区" kind: PLACE_KIND_ZONE parent_id: "9901" }
places { id: "town-water" display_name: "泊水镇" kind: PLACE_KIND_TOWN parent_id: "990101" }
places { id: "street-lake" display_name: "湖畔街道" kind: PLACE_KIND_STREET parent_id: "zone-lake" }
rules {
  id: "result.required"
  display_name: "成果入库必填项"
  clause { document: "甲科发〔2025〕9号" article: "二" text: "入库成果应有简介。" }
  strength: STRENGTH_HARD
  origin: ORIGIN_STATED
  decision: DECISION_RESULT_PUBLISH
  required_facts { facts { name: "abstract" display_name: "成果简介" } }
}
triage {
  units { id: "group" display_name: "成果转化联席会" kind: TRIAGE_UNIT_KIND_LEADING_GROUP organization: "organizations/small-group"
    clause { document: "甲科发〔2025〕9号" article: "一" text: "由下列单位办理成果转化。" } }
  units { id: "office" display_name: "科技成果科" kind: TRIAGE_UNIT_KIND_DEPARTMENT organization: "organizations/small-office"
    clause { document: "甲科发〔2025〕9号" article: "一" text: "由下列单位办理成果转化。" } }
  units { id: "agency" display_name: "甲市技术转移公司" kind: TRIAGE_UNIT_KIND_AGENCY organization: "organizations/small-agency"
    clause { document: "甲科发〔2025〕9号" article: "一" text: "由下列单位办理成果转化。" } }
  units { id: "fund" display_name: "甲市产业基金" kind: TRIAGE_UNIT_KIND_INVESTOR organization: "organizations/small-fund"
    clause { document: "甲科发〔2025〕9号" article: "一" text: "由下列单位办理成果转化。" } }
  units { id: "district" display_name: "甲区科技局" kind: TRIAGE_UNIT_KIND_DISTRICT organization: "organizations/small-district" place: "990101"
    clause { document: "甲科发〔2025〕9号" article: "一" text: "由下列单位办理成果转化。" } }
  units { id: "port" display_name: "港新区发展局" kind: TRIAGE_UNIT_KIND_DISTRICT organization: "organizations/small-port" place: "zone-port"
    clause { document: "甲科发〔2025〕9号" article: "一" text: "由下列单位办理成果转化。" } }
  leading_group: "group"
  office: "office"
  teams { id: "only" display_name: "甲市专班" leader: "分管副局长" department: "office" agency: "agency" investor: "fund"
    serves: "甲大学"
    clause { document: "甲科发〔2025〕9号" article: "三" text: "设一个专班。" }
    origin: ORIGIN_STATED }
  broker_training {
    courses { id: "short" display_name: "短训" valid_days: 30 provider: "office"
      clause { document: "甲科发〔2025〕9号" article: "四" text: "短训三十日内有效。" } }
    courses { id: "once" display_name: "资格培训" provider: "office"
      clause { document: "甲科发〔2025〕9号" article: "四" text: "资格培训长期有效。" } }
    clause { document: "甲科发〔2025〕9号" article: "四" text: "经两项培训方可承接成果。" }
    origin: ORIGIN_STATED
  }
  maturity_scales { id: "small" display_name: "甲市成熟度" levels: "样品" levels: "产品"
    clause { document: "甲科发〔2025〕9号" article: "五" text: "成熟度分两级。" } }
  fields { id: "salt" display_name: "盐化工" }
  disposition_rules { id: "transfer" display_name: "拟转让" triage_class: TRIAGE_CLASS_TRANSFER
    when { fact { name: "conversion_modes" display_name: "转化方式" } any_of: "transfer" }
    clause { document: "甲科发〔2025〕9号" article: "六" text: "按转化方式分类。" }
    origin: ORIGIN_STATED }
  disposition_rules { id: "horizontal" display_name: "拟合作开发" triage_class: TRIAGE_CLASS_HORIZONTAL
    when { fact { name: "conversion_modes" display_name: "转化方式" } any_of: "development" }
    clause { document: "甲科发〔2025〕9号" article: "六" text: "按转化方式分类。" }
    origin: ORIGIN_STATED }
  disposition_rules { id: "spinout" display_name: "拟成立企业" triage_class: TRIAGE_CLASS_SPINOUT
    when { fact { name: "conversion_modes" display_name: "转化方式" } any_of: "spinout" }
    clause { document: "甲科发〔2025〕9号" article: "六" text: "按转化方式分类。" }
    origin: ORIGIN_STATED }
  disposition_rules { id: "financing" display_name: "需融资" triage_class: TRIAGE_CLASS_FINANCING
    when { fact { name: "financing_yuan" display_name: "融资需求（元）" } at_least: 1 }
    clause { document: "甲科发〔2025〕9号" article: "六" text: "按转化方式分类。" }
    origin: ORIGIN_STATED }
  disposition_rules { id: "major" display_name: "重大" triage_class: TRIAGE_CLASS_MAJOR
    when { fact { name: "major_grounds" display_name: "重大事由" } values_at_least: 1 }
    clause { document: "甲科发〔2025〕9号" article: "六" text: "按转化方式分类。" }
    origin: ORIGIN_STATED }
  routes { id: "spinout" display_name: "成立企业" triage_class: TRIAGE_CLASS_SPINOUT
    recipients { kind: TRIAGE_UNIT_KIND_DISTRICT }
    request: "请帮助落地"
    clause { document: "甲科发〔2025〕9号" article: "七" text: "拟成立企业的推送给所在区和新区。" }
    origin: ORIGIN_STATED }
  clock { receive_workdays: 1 answer_workdays: 3
    clause { document: "甲科发〔2025〕9号" article: "八" text: "一日签收、三日答复。" }
    origin: ORIGIN_STATED }
  first_contact {
    rungs { id: "office" display_name: "提请科长" idle_workdays: 3 role: ROLE_DEPARTMENT }
    accept_workdays: 2
    clause { document: "甲科发〔2025〕9号" article: "九" text: "三日无进展的提请科长。" }
    origin: ORIGIN_STATED
  }
}
)";

}  // namespace chanyan::testing
