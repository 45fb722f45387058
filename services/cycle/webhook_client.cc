#include "services/cycle/webhook_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

// What an answer says is of no interest beyond its status.
constexpr size_t kMostAnswerBytes = 64 << 10;

struct Attempt {
  const AllowedOrigin& origin;
  bool refused = false;
  size_t received = 0;
};

std::string TextOf(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text,
              sizeof(text));
  } else if (address->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
              sizeof(text));
  }
  return text;
}

// Called with the very address that is about to be connected to: a name that resolves differently
// the second time gains nothing.
curl_socket_t OpenSocket(void* attempt, curlsocktype, curl_sockaddr* address) {
  auto* one = static_cast<Attempt*>(attempt);
  if (!MayConnect(one->origin, TextOf(&address->addr))) {
    one->refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t Discard(char*, size_t size, size_t count, void* attempt) {
  auto* one = static_cast<Attempt*>(attempt);
  one->received += size * count;
  return one->received > kMostAnswerBytes ? 0 : size * count;
}

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

void Append(List& list, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
    (void)list.release();
    list.reset(longer);
  }
}

}  // namespace

absl::Status SendWebhook(const WebhookMessage& message) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, EasyDeleter> easy(curl_easy_init());
  if (initialised != CURLE_OK || easy == nullptr) return status::Internal("libcurl does not start");
  Attempt attempt{message.origin};
  List headers;
  Append(headers, "Content-Type: application/json; charset=utf-8");
  Append(headers, absl::StrCat("X-Chanyan-Delivery: ", message.delivery));
  Append(headers, absl::StrCat("X-Chanyan-Timestamp: ", absl::ToUnixSeconds(message.time)));
  Append(headers, absl::StrCat("X-Chanyan-Signature: ", message.signature));
  // No wait for "100 Continue".
  Append(headers, "Expect:");
  List pinned;
  if (!message.origin.address.empty()) {
    Append(pinned, absl::StrCat(message.origin.host, ":", message.origin.port, ":",
                                message.origin.address));
    curl_easy_setopt(easy.get(), CURLOPT_RESOLVE, pinned.get());
  }
  curl_easy_setopt(easy.get(), CURLOPT_URL, message.url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, message.origin.scheme.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(kWebhookConnect)));
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(kWebhookAnswer)));
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(message.body.size()));
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, message.body.data());
  curl_easy_setopt(easy.get(), CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
  curl_easy_setopt(easy.get(), CURLOPT_OPENSOCKETDATA, &attempt);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, Discard);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &attempt);
  const CURLcode code = curl_easy_perform(easy.get());
  if (attempt.refused) return status::Unavailable("该地址解析到内部网络，未推送");
  if (code != CURLE_OK) {
    return status::Unavailable(absl::StrCat("未能送达：", curl_easy_strerror(code)));
  }
  long answer = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer);
  if (answer >= 200 && answer < 300) return absl::OkStatus();
  return status::Unavailable(absl::StrCat("对方系统答复 ", answer));
}

}  // namespace chanyan::cycle
