// Tables made from descriptors, and messages with seeded random values, for the tests of Table.
#pragma once

#include <random>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::db {

// CREATE TABLE for a resource, as a migration would write it.
std::string CreateTableSql(const google::protobuf::Descriptor* descriptor);

// Fills every field that the table keeps with values that fit, hostile texts among them.
void FillAtRandom(std::mt19937& random, google::protobuf::Message* message, int depth = 0);

// One of a few hostile texts.
std::string HostileText(std::mt19937& random);

}  // namespace chanyan::db
