#include "common/db/sql_script.h"

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::db {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Texts(absl::string_view script) {
  std::vector<std::string> texts;
  const auto statements = SplitScript(script);
  EXPECT_TRUE(statements.ok()) << statements.status();
  for (const ScriptStatement& statement : *statements) {
    texts.push_back(statement.text);
  }
  return texts;
}

TEST(SqlScriptTest, WhatDoesNotEndIsRefusedWithItsLine) {
  for (const char* script : {"SELECT 1;\nSELECT 'a", "SELECT 1;\n/* a", "SELECT 1;\nSELECT `a",
                             "SELECT 1;\nDELIMITER //"}) {
    const auto statements = SplitScript(script);
    ASSERT_FALSE(statements.ok()) << script;
    EXPECT_EQ(status::ViolationsOf(statements.status()).at(0).field, "第 2 行") << script;
  }
}

TEST(SqlScriptTest, SemicolonsInsideTextNamesAndCommentsDoNotSplit) {
  EXPECT_THAT(
      Texts("INSERT INTO t VALUES ('a;b', \"c;d\", 'e''f;', 'g\\';h'); SELECT `i;j` -- k;l\n;"),
      ElementsAre("INSERT INTO t VALUES ('a;b', \"c;d\", 'e''f;', 'g\\';h')", "SELECT `i;j`"));
  EXPECT_THAT(Texts("SELECT 1 /* ; ' */ + 2; # 'not;a;string\nSELECT 3"),
              ElementsAre("SELECT 1   + 2", "SELECT 3"));
}

TEST(SqlScriptTest, MinusMinusWithoutABlankIsNoComment) {
  EXPECT_THAT(Texts("SELECT 1--1; SELECT 2"), ElementsAre("SELECT 1--1", "SELECT 2"));
}

TEST(SqlScriptTest, EmptyStatementsAndCommentsAloneVanish) {
  EXPECT_THAT(Texts(" ;; -- nothing\n /* nothing */ ; \n"), ElementsAre());
  EXPECT_THAT(Texts(""), ElementsAre());
}

TEST(SqlScriptTest, ALineIsThatOfTheFirstWord) {
  const auto statements = SplitScript("-- head\n\nSELECT\n 1;\n\n/* a\n b */ SELECT 2;");
  ASSERT_EQ(statements->size(), 2u);
  EXPECT_EQ(statements->at(0).line, 3);
  EXPECT_EQ(statements->at(1).line, 7);
}

}  // namespace
}  // namespace chanyan::db
