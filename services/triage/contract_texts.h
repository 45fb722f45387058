// Technology contracts in the log as cells of a sheet (TRI-6). Pure.
#pragma once

#include "chanyan/triage/v1/follow_up.pb.h"

namespace chanyan::triage {

// The contract of an entry, and what was registered of one, as people read them in one cell; empty
// of an entry that has none.
//
//   合同类别：技术许可｜合同编号：H-1｜签订日期：2025-04-01｜受让方：某企业｜合同金额（元）：800000
//   合同项目名称｜海水淡化膜许可；合同有效期至｜2028-03-31
void WriteContractTexts(v1::FollowUp* row);

}  // namespace chanyan::triage
