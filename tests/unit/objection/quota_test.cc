// What an objection of the public is counted by (CON-5, CYC-8).
#include "common/objection/quota.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace chanyan::objection {
namespace {

using ::testing::SizeIs;

constexpr char kName[] = "notices/n";

std::vector<Source> Of(absl::string_view address, uint32_t per_address = 3, uint32_t limit = 1000,
                       const char* name = kName) {
  std::vector<Source> sources = SourcesOfPublic(
      address, {.name = name, .label = "本公示", .per_address = per_address, .limit = limit});
  EXPECT_THAT(sources, SizeIs(3));
  return sources;
}
std::string AddressIn(absl::string_view address) { return Of(address).at(0).value; }
std::string NetworkIn(absl::string_view address) { return Of(address).at(1).value; }

TEST(ObjectionQuotaTest, AnAddressOfIpv4IsOneInWhateverNotation) {
  EXPECT_EQ(AddressIn("192.0.2.7"), AddressIn("::ffff:192.0.2.7"));
  EXPECT_EQ(AddressIn("192.0.2.7"), AddressIn("::FFFF:c000:207"));
  EXPECT_NE(AddressIn("192.0.2.7"), AddressIn("192.0.2.8"));
  EXPECT_NE(AddressIn("192.0.2.7"), AddressIn("::192.0.2.7"));
}

TEST(ObjectionQuotaTest, AnAddressOfIpv6IsItsConnection) {
  EXPECT_EQ(AddressIn("2001:db8:1:2::1"), AddressIn("2001:DB8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_EQ(AddressIn("fe80::1%eth0"), AddressIn("fe80::2"));
  EXPECT_NE(AddressIn("2001:db8:1:2::1"), AddressIn("2001:db8:1:3::1"));
}

TEST(ObjectionQuotaTest, ANetworkIsThatOfACustomerAndOfOnePublication) {
  EXPECT_EQ(NetworkIn("192.0.2.7"), NetworkIn("::ffff:192.0.2.200"));
  EXPECT_NE(NetworkIn("192.0.2.7"), NetworkIn("192.0.3.7"));
  EXPECT_EQ(NetworkIn("2001:db8:1:2::1"), NetworkIn("2001:db8:1:ffff::1"));
  EXPECT_NE(NetworkIn("2001:db8:1::1"), NetworkIn("2001:db8:2::1"));
  const std::vector<Source> other = Of("192.0.2.7", 3, 1000, "notices/m");
  EXPECT_NE(other.at(1).value, NetworkIn("192.0.2.7"));
  EXPECT_EQ(other.at(0).value, AddressIn("192.0.2.7")) << "an address is counted over all";
  EXPECT_NE(AddressIn("192.0.2.0"), NetworkIn("192.0.2.0"));
}

TEST(ObjectionQuotaTest, WhatIsNoAddressIsOneSource) {
  for (const char* odd : {"", "unix", "192.0.2", "1.2.3.4.5", "2001:db8::1::2"}) {
    EXPECT_EQ(AddressIn(odd), odd);
  }
  EXPECT_EQ(AddressIn("unix"), AddressIn("unix"));
  EXPECT_NE(AddressIn("unix"), AddressIn(""));
}

TEST(ObjectionQuotaTest, NobodyFillsAPublicationFromFewerThanTwentyNetworks) {
  const std::vector<Source> sources = Of("192.0.2.7");
  EXPECT_EQ(sources[0].limit, 3u);
  EXPECT_EQ(sources[1].limit, 50u);
  EXPECT_EQ(sources[2].limit, 1000u);
  EXPECT_EQ(sources[2].value, kName);
  // A network has what an address has, however little is taken.
  EXPECT_EQ(Of("192.0.2.7", 3, 10)[1].limit, 3u);
}

}  // namespace
}  // namespace chanyan::objection
