#include "services/gateway/http_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/gateway/chunked.h"

namespace chanyan::gateway {
namespace {

std::string Get(absl::string_view target, absl::string_view headers = "") {
  return absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: a\r\n", headers, "\r\n");
}
std::string Post(absl::string_view headers) {
  return absl::StrCat("POST /v1/x HTTP/1.1\r\nHost: a\r\n", headers, "\r\n");
}

struct Refusal {
  std::string name;
  std::string bytes;
  absl::string_view code;
  int http_status = 400;
};

std::vector<Refusal> Corpus() {
  using std::string_literals::operator""s;
  const std::string many = [] {
    std::string headers;
    for (size_t i = 0; i < kMaxHeaders; ++i) absl::StrAppend(&headers, "X-", i, ": 1\r\n");
    return headers;
  }();
  return {
      {"te gzip with length", Post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"),
       "coding_and_length"},
      {"te then cl", Post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
       "coding_and_length"},
      {"cl then te", Post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
       "coding_and_length"},
      {"te list", Post("Transfer-Encoding: chunked, identity\r\n"), "coding"},
      {"te identity", Post("Transfer-Encoding: identity\r\n"), "coding"},
      {"te xchunked", Post("Transfer-Encoding: xchunked\r\n"), "coding"},
      {"te quoted", Post("Transfer-Encoding: \"chunked\"\r\n"), "coding"},
      {"te vertical tab",
       Post("Transfer-Encoding: \x0b"
            "chunked\r\n"),
       "header_value"},
      {"te empty", Post("Transfer-Encoding:\r\n"), "coding"},
      {"te twice", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       "repeated_header"},
      {"te in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
       "coding_http10"},
      {"space before colon", Post("Transfer-Encoding : chunked\r\n"), "header_name"},
      {"cl list", Post("Content-Length: 5,5\r\n"), "length"},
      {"cl twice", Post("Content-Length: 5\r\nContent-Length: 5\r\n"), "repeated_header"},
      {"cl plus", Post("Content-Length: +5\r\n"), "length"},
      {"cl minus", Post("Content-Length: -1\r\n"), "length"},
      {"cl hex", Post("Content-Length: 0x5\r\n"), "length"},
      {"cl empty", Post("Content-Length:\r\n"), "length"},
      {"cl eleven digits", Post("Content-Length: 00000000005\r\n"), "length"},
      {"cl with space", Post("Content-Length: 5 5\r\n"), "length"},
      {"no host", "GET / HTTP/1.1\r\n\r\n", "host"},
      {"no host in 1.0", "GET / HTTP/1.0\r\n\r\n", "host"},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "repeated_header"},
      {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "host"},
      {"host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "host"},
      {"host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "host"},
      {"host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "host"},
      {"host port too great", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "host"},
      {"folded header", Get("/", "X: a\r\n b\r\n"), "folded_header"},
      {"folded first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "folded_header"},
      {"bare lf", "GET / HTTP/1.1\nHost: a\n\n", "line_end"},
      {"one bare lf", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "line_end"},
      {"cr in value", Get("/", "X: a\rb\r\n"), "line_end"},
      {"nul in value", Get("/", "X: a\0b\r\n"s), "line_end"},
      {"leading empty line", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "line_end"},
      {"name without colon", Get("/", "X\r\n"), "header_name"},
      {"empty name", Get("/", ": x\r\n"), "header_name"},
      {"non-token name", Get("/", "X(): x\r\n"), "header_name"},
      {"absolute form", Get("http://a/x"), "target_form"},
      {"authority form", Get("a:80"), "target_form"},
      {"asterisk form", Get("*"), "target_form"},
      {"raw bytes in target", Get("/\xe4\xba\xa7"), "target_byte"},
      {"space in target", Get("/a b"), "target_byte"},
      {"tab in target", Get("/a\tb"), "target_byte"},
      {"fragment", Get("/a#b"), "fragment"},
      {"escaped nul", Get("/a%00b"), "escaped_control"},
      {"escaped nul in query", Get("/a?b=%00"), "escaped_control"},
      {"escaped line feed in query", Get("/a?b=%0a"), "escaped_control"},
      {"short escape", Get("/a%2"), "bad_escape"},
      {"wrong escape", Get("/a%zz"), "bad_escape"},
      {"iis unicode escape", Get("/a%u0041"), "bad_escape"},
      {"escaped slash", Get("/a%2fb"), "escaped_slash"},
      {"escaped backslash", Get("/a%5Cb"), "escaped_slash"},
      {"raw backslash", Get("/a\\b"), "backslash"},
      {"dot dot", Get("/a/../b"), "dot_segment"},
      {"escaped dot dot", Get("/a/%2e%2E/b"), "dot_segment"},
      {"half escaped dot dot", Get("/a/.%2e/b"), "dot_segment"},
      {"dot", Get("/a/./b"), "dot_segment"},
      {"dot dot at the end", Get("/a/.."), "dot_segment"},
      {"overlong slash", Get("/a%c0%afb"), "bad_utf8"},
      {"escaped surrogate", Get("/a%ed%a0%80"), "bad_utf8"},
      {"latin-1 in query", Get("/a?b=%e9"), "bad_utf8"},
      {"long target", Get("/" + std::string(kMaxTargetBytes, 'a')), "target_too_long", 414},
      {"65 headers", Get("/", many), "too_many_headers", 431},
      {"large head", Get("/", absl::StrCat("X: ", std::string(kMaxHeadBytes, 'a'), "\r\n")),
       "head_too_large", 431},
      {"trailer", Post("Transfer-Encoding: chunked\r\nTrailer: X\r\n"), "trailer"},
      {"h2c upgrade", Get("/", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"),
       "upgrade"},
      {"other expectation", Post("Content-Length: 1\r\nExpect: 200-maybe\r\n"), "expect", 417},
      {"gzip body", Post("Content-Length: 1\r\nContent-Encoding: gzip\r\n"), "content_encoding",
       415},
      {"get with body", Get("/", "Content-Length: 1\r\n"), "body_of_get"},
      {"get with chunks", Get("/", "Transfer-Encoding: chunked\r\n"), "body_of_get"},
      {"two authorizations", Get("/", "Authorization: a\r\nauthorization: b\r\n"),
       "repeated_header"},
      {"trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "method", 405},
      {"connect", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "method", 405},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "method", 405},
      {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", "method", 405},
      {"http 2 preface", "PRI * HTTP/2.0\r\n\r\n", "version", 505},
      {"http 0.9", "GET /\r\n\r\n", "request_line"},
      {"http 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "version", 505},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "target_byte"},
      {"version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", "version"},
      {"tls hello", "\x16\x03\x01\x02\r\n\r\n", "request_line"},
  };
}

TEST(HttpRulesTest, WhatAnotherReaderCouldTakeDifferentlyIsRefused) {
  for (const Refusal& refusal : Corpus()) {
    RequestHead head;
    const auto reject = ParseHead(refusal.bytes, head);
    ASSERT_TRUE(reject.has_value()) << refusal.name;
    EXPECT_EQ(reject->code, refusal.code) << refusal.name;
    EXPECT_EQ(reject->http_status, refusal.http_status) << refusal.name;
    EXPECT_FALSE(reject->message.empty()) << refusal.name;
  }
}

TEST(HttpRulesTest, EveryRefusedHeadStillEndsWhereItsReaderStops) {
  for (const Refusal& refusal : Corpus()) {
    if (refusal.code == "line_end") continue;
    EXPECT_EQ(FindHeadEnd(refusal.bytes), refusal.bytes.size()) << refusal.name;
  }
  EXPECT_EQ(FindHeadEnd("GET / HTTP/1.1\r\nHost: a\r\n"), absl::string_view::npos);
  EXPECT_EQ(FindHeadEnd("GET / HTTP/1.1\n\nrest"), 16u);
}

TEST(HttpRulesTest, OrdinaryRequestsAreTakenApart) {
  RequestHead head;
  const std::string get =
      Get("/v1/a%20b?filter=x%2Fy&n=1", "Accept:  */* \r\nConnection: close\r\n");
  ASSERT_FALSE(ParseHead(get, head));
  EXPECT_EQ(head.method, HttpMethod::kGet);
  EXPECT_EQ(head.path, "/v1/a%20b");
  EXPECT_EQ(head.query, "filter=x%2Fy&n=1");
  EXPECT_EQ(head.Header("accept"), "*/*");
  EXPECT_FALSE(head.keep_alive);

  const std::string post = Post("Content-Length: 0000000012\r\nExpect: 100-continue\r\n");
  ASSERT_FALSE(ParseHead(post, head));
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.expect_continue);

  for (const char* host : {"chanyan.example:8443", "[::1]:80", "127.0.0.1", "a-b.c"}) {
    const std::string bytes = absl::StrCat("GET / HTTP/1.0\r\nhost: ", host, "\r\n\r\n");
    ASSERT_FALSE(ParseHead(bytes, head)) << host;
    EXPECT_EQ(head.host, host);
    EXPECT_FALSE(head.keep_alive);
  }
}

std::string Decode(absl::string_view bytes, size_t step, std::string* body, size_t limit = 1000) {
  ChunkedDecoder decoder(limit);
  for (size_t at = 0; at < bytes.size(); at += step) {
    absl::string_view part = bytes.substr(at, step);
    if (auto bad = decoder.Feed(part, *body)) return bad->message;
    if (decoder.done()) return "";
  }
  return "more";
}

TEST(ChunkedDecoderTest, HostileChunksAreRefusedHoweverTheyArrive) {
  const std::vector<std::string> corpus = {
      "\r\n",
      "5\nhello\r\n0\r\n\r\n",
      "5\r\nhello0\r\n\r\n",
      "5\r\nhelloX\r\n0\r\n\r\n",
      "0x5\r\nhello\r\n0\r\n\r\n",
      "-5\r\nhello\r\n0\r\n\r\n",
      " 5\r\nhello\r\n0\r\n\r\n",
      "5 \r\nhello\r\n0\r\n\r\n",
      "000000005\r\nhello\r\n0\r\n\r\n",
      "ffffffff\r\n",
      absl::StrCat("5;", std::string(kMaxChunkExtensionBytes, 'x'), "\r\nhello\r\n0\r\n\r\n"),
      "5;a\rb\r\nhello\r\n0\r\n\r\n",
      "0\r\nX-Trailer: 1\r\n\r\n",
      "0\r\n\n",
      "3e9\r\n",
  };
  for (const std::string& bytes : corpus) {
    for (const size_t step : {size_t{1}, size_t{7}, bytes.size()}) {
      std::string body;
      const std::string error = Decode(bytes, step, &body);
      EXPECT_FALSE(error.empty() || error == "more") << bytes << " step " << step;
    }
  }
}

TEST(ChunkedDecoderTest, ABodyIsTheSameHoweverItArrives) {
  const std::string bytes = "5;ext=1\r\nhello\r\n00000006\r\n world\r\n0\r\n\r\n";
  for (size_t step = 1; step <= bytes.size(); ++step) {
    std::string body;
    EXPECT_EQ(Decode(bytes, step, &body), "") << step;
    EXPECT_EQ(body, "hello world") << step;
  }
  ChunkedDecoder decoder(100);
  std::string body;
  absl::string_view input = "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1";
  EXPECT_FALSE(decoder.Feed(input, body));
  EXPECT_TRUE(decoder.done());
  EXPECT_EQ(input, "GET / HTTP/1.1");
}

}  // namespace
}  // namespace chanyan::gateway
