// A gate between a program and MariaDB that sees each statement pass and kills the program at the
// one that the test names. It speaks as much of the protocol as that takes.
#pragma once

#include <list>
#include <set>
#include <string>
#include <vector>

#include "tests/support/suite/process.h"

namespace chanyan::fault {

// When the blow comes: the server has not seen the statement; or it has carried it out, and the
// program does not know yet.
enum class Blow { kBefore, kAfter };

// What came of a program that went through the gate.
struct Passage {
  // As Process::Wait says it.
  int exit_code = 0;
  // The statement at which it was killed; empty if it was not.
  std::string struck;
};

// Used by one thread.
class Gate {
 public:
  // Listens on `socket`, a path, and connects to the server's. Ends the test's program if it
  // cannot.
  Gate(std::string socket, std::string server_socket);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  const std::string& socket() const { return socket_; }

  // Runs a program to its end and kills it with -9 at the `at`-th (from 1) of the `watched`
  // statements that it sends as text; then its connections to the server are gone too.
  Passage Run(const testing::Process::Options& program, const std::set<std::string>& watched,
              Blow blow, int at);

 private:
  struct Pair {
    int client = -1;
    int server = -1;
    // From the client, not yet sent on: less than a packet.
    std::string rest;
    // Its last packet is the statement at which the blow comes, and has been sent on.
    bool struck = false;
  };

  void Accept();
  // Sends on what the client has sent as far as the blow allows. False if it is time to kill.
  bool Forward(Pair& pair);
  // What the server has sent. False if it is time to kill.
  bool Return(Pair& pair);
  // Lets what is ready pass. False if it is time to kill.
  bool Turn();
  void CloseAll();

  const std::string socket_;
  const std::string server_socket_;
  int listener_ = -1;
  std::list<Pair> pairs_;
  // Of the run.
  const std::set<std::string>* watched_ = nullptr;
  Blow blow_ = Blow::kBefore;
  int left_ = 0;
  std::string struck_;
};

}  // namespace chanyan::fault
