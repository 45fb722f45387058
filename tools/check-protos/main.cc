// Fails the build when a proto leaves open who may call or see something.
//   chanyan-check-protos    exit 0: all linked protos may be built; 1: each problem on stderr
#include <cstdio>
#include <string>

#include "common/auth/policy_check.h"

int main() {
  int problems = 0;
  int files = 0;
  for (const auto* file : chanyan::auth::LinkedFiles()) {
    ++files;
    for (const std::string& problem : chanyan::auth::PolicyProblems(file)) {
      std::fprintf(stderr, "%s\n", problem.c_str());
      ++problems;
    }
  }
  if (files == 0) {
    std::fprintf(stderr, "no proto of ours is linked: nothing was checked\n");
    return 1;
  }
  if (problems > 0) std::fprintf(stderr, "%d problems in the protos\n", problems);
  return problems == 0 ? 0 : 1;
}
