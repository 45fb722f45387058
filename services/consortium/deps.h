// What every service of consortium is made of.
#pragma once

#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "services/consortium/consortium_book.h"
#include "services/consortium/due_rows.h"
#include "services/consortium/pack_rules.h"

namespace chanyan::consortium {

struct Deps {
  rpc::StoreDeps store;
  const ConsortiumPack& pack;
  const ConsortiumBook& book;
  rpc::Peers& peers;
  // Told of rows that a job could not do.
  DueFailed due_failed = nullptr;

  DueDeps due() const { return {store, due_failed}; }
};

}  // namespace chanyan::consortium
