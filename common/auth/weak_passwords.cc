// The often used passwords, as their bare words: disguises are undone before the comparison.
#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "common/auth/password.h"

namespace chanyan::auth {
namespace {

// Lower case, letters only; of lists of leaked passwords, keyboard rows and places.
constexpr absl::string_view kWords[] = {
    "aaa",        "abc",
    "abcd",       "abcde",
    "abcdef",     "abcdefg",
    "abcdefgh",   "admin",
    "adminadmin", "administrator",
    "admins",     "asdf",
    "asdfg",      "asdfgh",
    "asdfghjkl",  "changeme",
    "changyan",   "chanyan",
    "china",      "default",
    "demo",       "dragon",
    "football",   "guest",
    "hello",      "huawei",
    "iloveyou",   "keji",
    "kejiju",     "kjj",
    "letmein",    "login",
    "manager",    "master",
    "monkey",     "mima",
    "nihao",      "pass",
    "passpass",   "passwd",
    "password",   "passwordpassword",
    "qaz",        "qazwsx",
    "qazwsxedc",  "qd",
    "qdkj",       "qingdao",
    "qwe",        "qweasd",
    "qweasdzxc",  "qwer",
    "qwert",      "qwerty",
    "qwertyuiop", "root",
    "rootroot",   "secret",
    "shandong",   "sunshine",
    "superman",   "system",
    "temp",       "test",
    "testtest",   "user",
    "wang",       "welcome",
    "woaini",     "woainizhongguo",
    "zhang",      "zhongguo",
    "zxc",        "zxcv",
    "zxcvbn",     "zxcvbnm",
};
// Runs that people walk on a keyboard, as typed without shift.
constexpr absl::string_view kWalks[] = {"1qaz2wsx3edc", "1q2w3e4r5t", "qwertyuiop",
                                        "asdfghjkl",    "1234567890", "0987654321",
                                        "q1w2e3r4t5",   "zaq12wsx",   "1qazxsw2"};

constexpr char kShifted[] = "!@#$%^&*()";
constexpr char kUnshifted[] = "1234567890";

char Undisguised(char c) {
  switch (c) {
    case '@':
    case '4':
      return 'a';
    case '0':
      return 'o';
    case '$':
    case '5':
      return 's';
    case '3':
      return 'e';
    case '1':
    case '!':
      return 'i';
    default:
      return c;
  }
}

// Digits and symbols at both ends are ornament: "2024Password!" is Password.
absl::string_view Bare(absl::string_view text) {
  while (!text.empty() && !absl::ascii_isalpha(text.front())) text.remove_prefix(1);
  while (!text.empty() && !absl::ascii_isalpha(text.back())) text.remove_suffix(1);
  return text;
}

bool IsWord(absl::string_view text) {
  return std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
}

}  // namespace

bool IsWeakPassword(absl::string_view password) {
  const std::string lower = absl::AsciiStrToLower(password);
  std::string word(Bare(lower));
  if (IsWord(word)) return true;
  for (char& c : word) c = Undisguised(c);
  if (word.empty() || IsWord(word)) return true;
  std::string typed = lower;
  for (char& c : typed) {
    const char* shifted = std::strchr(kShifted, c);
    if (c != '\0' && shifted != nullptr) c = kUnshifted[shifted - kShifted];
  }
  return std::any_of(std::begin(kWalks), std::end(kWalks), [&typed](absl::string_view walk) {
    return typed.find(walk.data(), 0, walk.size()) != std::string::npos;
  });
}

}  // namespace chanyan::auth
