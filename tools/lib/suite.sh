# shellcheck shell=bash
# The services of the suite: what each is given, in the order in which they start. Sourced after
# servers.sh. Settings: DB_URL and REDIS_ADDRESS (empty = the private ones), HTTP_ADDRESS.

BUILD=$ROOT/build/release
DB_URL=''
REDIS_ADDRESS=''
# More flags of the gateway.
GATEWAY_ARGUMENTS=()
HTTP_ADDRESS=127.0.0.1:8080
# Whose policy pack: a folder of deploy/policies.
CITY=qingdao
SERVICE_SECONDS=60

# name | peers it calls; a service starts after its peers.
SERVICES=(
  'identity |'
  'registry | identity'
  'pairing  | identity registry'
  'triage   | identity registry'
  'consortium | identity registry pairing'
  'cycle    | identity registry pairing triage consortium'
  'gateway  | identity registry pairing cycle triage consortium'
)

# Linyi's suite stands beside Qingdao's, in folders of its own. Its pack has no quarters, triage or
# consortia, so that it needs fewer services.
# shellcheck disable=SC2034  # read in the other parts
choose_city() {
  CITY=$1
  [[ $CITY != qingdao ]] || return 0
  [[ $CITY == linyi ]] || die "--city 只能是 qingdao 或 linyi。"
  VAR=$ROOT/var/linyi RUN=$ROOT/var/linyi/run LOG=$ROOT/var/linyi/log
  DEMO=$VAR/demo ACCOUNTS=$VAR/accounts.json
  HTTP_ADDRESS=127.0.0.1:8081
  SERVICES=('identity |' 'registry | identity' 'pairing | identity registry'
    'gateway | identity registry pairing')
}

service_names() {
  local row
  for row in "${SERVICES[@]}"; do
    row=${row%%|*}
    echo "${row// /}"
  done
}

# URL of one schema on the private server or on the one that --db names.
schema_url() {
  local base=${DB_URL%%\?*} query=''
  [[ $DB_URL != *\?* ]] || query="?${DB_URL#*\?}"
  if [[ -z $DB_URL ]]; then
    echo "mysql://root@localhost/$1?socket=$RUN/mariadb.sock"
  else
    echo "${base%/}/$1$query"
  fi
}

redis_address() { echo "${REDIS_ADDRESS:-unix:$RUN/redis.sock}"; }

check_db_url() {
  [[ -z $DB_URL || $DB_URL =~ ^mysql://[^/:@]+@[^/?]+/?(\?.*)?$ ]] ||
    die "--db 的写法是 mysql://用户@主机:端口?password-file=文件（不带库名，口令放在文件里）。请改正后重试。"
}

check_redis_address() {
  [[ -z $REDIS_ADDRESS || $REDIS_ADDRESS =~ ^(unix:/[^?]+|[^?/@]+:[0-9]+)(\?.*)?$ ]] ||
    die "--redis 的写法是 主机:端口 或 unix:/路径，有口令时后接 ?password-file=文件（口令不写在地址里）。请改正后重试。"
}

# Services run in the repository, whoever calls from elsewhere. in_full URL OPTION…: files named in
# the URL by these options, made absolute. Signs with a meaning in a URL are escaped.
in_full() {
  local url=$1 option here=${PWD//%/%25}
  shift
  here=${here//&/%26}
  for option in "$@"; do
    if [[ $url =~ [?\&]$option=([^/%\&][^\&]*) ]]; then
      url=${url/"$option=${BASH_REMATCH[1]}"/"$option=$here/${BASH_REMATCH[1]}"}
    fi
  done
  echo "$url"
}

name_files_in_full() {
  DB_URL=$(in_full "$DB_URL" password-file ca)
  REDIS_ADDRESS=$(in_full "$REDIS_ADDRESS" password-file)
}

# Value of an option of a URL, without its escapes; nothing if it has none.
option_of() {
  local value
  [[ $1 =~ [?\&]$2=([^\&]*) ]] || return 0
  value=${BASH_REMATCH[1]//\\/\\\\}
  printf '%b' "${value//%/\\x}"
}

# Everything works without Redis, which is why nobody would notice a wrong address or password.
check_redis() {
  local address=${REDIS_ADDRESS%%\?*} at user file
  at=("-h" "${address%:*}" "-p" "${address##*:}")
  [[ $address != unix:* ]] || at=("-s" "${address#unix:}")
  user=$(option_of "$REDIS_ADDRESS" user)
  [[ -z $user ]] || at+=("--user" "$user")
  file=$(option_of "$REDIS_ADDRESS" password-file)
  [[ -z $file || -r $file ]] || die "读不到 Redis 的口令文件 $file。请检查 --redis 中的 password-file。"
  # In the environment, which only its owner can read. An error answer is no PONG.
  [[ $(REDISCLI_AUTH=$([[ -z $file ]] || cat "$file") timeout 5 redis-cli "${at[@]}" ping 2>/dev/null) == PONG ]] ||
    die "连不上 Redis：$address。请检查 --redis 的地址和口令，或去掉它用自带的 Redis。"
}

# migrate_service NAME: the parts that every schema has, then the service's own.
migrate_service() {
  local part arguments=("--db=$(schema_url "chanyan_$1")" --create)
  for part in common:common/db journal:common/journal "$1:services/$1"; do
    [[ ! -d $ROOT/${part#*:}/migrations ]] || arguments+=("--component=$part/migrations")
  done
  (cd "$ROOT" && quietly "migrate-$1" "数据库结构升级失败（$1）。" \
    unless_full "$BUILD/tools/chanyan-migrate" "${arguments[@]}")
}

# What went wrong with the migrations, each thing once: what several have in common is said of them together.
say_failed_migrations() {
  local service line same key
  local -A lines=() names=()
  local keys=()
  for service in $(service_names); do
    [[ -s $LOG/migrate-$service.said ]] || continue
    while IFS= read -r line; do
      key=${line//$service/*}
      [[ -n ${lines[$key]+x} ]] || keys+=("$key")
      lines[$key]=${lines[$key]-$line}
      names[$key]+=${names[$key]:+、}$service
    done <"$LOG/migrate-$service.said"
  done
  for key in "${keys[@]}"; do
    same=${names[$key]%%、*}
    printf '%s\n' "${lines[$key]/（$same）/（${names[$key]}）}" >&2
  done
  ((${#keys[@]} > 0))
}

# All schemas side by side, for they have nothing in common. Whatever fails is said when all have ended.
# Each is a process group of its own, so that an interruption ends all that it started.
migrate() (
  set -m
  groups=()
  result=0
  # shellcheck disable=SC2317  # called by the trap
  end_all() {
    local group left
    # Asked again and again: a shell that was just forked drops a signal that comes before it has put
    # its parent's traps away. Each takes three seconds at most to end its program; what nobody reaps
    # counts as there.
    for _ in {1..200}; do
      left=0
      for group in "${groups[@]}"; do
        ! kill -TERM -- "-$group" || left=1
      done
      ((left == 1)) || break
      sleep 0.05
    done
  } 2>/dev/null
  # A signal between a start and the next line would leave that one out.
  stopped=0
  trap 'stopped=1' INT TERM HUP
  step "升级数据库结构"
  for service in $(service_names); do
    [[ $service != gateway ]] || continue
    migrate_service "$service" 2>"$LOG/migrate-$service.said" &
    groups+=("$!")
  done
  trap 'end_all; exit 143' INT TERM HUP
  if ((stopped == 1)); then
    end_all
    exit 143
  fi
  for group in "${groups[@]}"; do wait "$group" || result=$?; done
  # On a full disk what they said may have found no room.
  say_failed_migrations || ((result == 0)) || give_up "数据库结构升级失败。"
  rm -f "$LOG"/migrate-*.said
  exit "$result"
)

peer_list() {
  local peer list=''
  for peer in "$@"; do list+=${list:+,}$peer=unix:$RUN/$peer.sock; done
  echo "$list"
}

# service_command NAME PEERS: one argument a line.
service_command() {
  local name=$1 peers=$2
  printf '%s\n' "$BUILD/services/chanyan-$name" "--listen=unix:$RUN/$name.sock" \
    "--admin=unix:$RUN/$name.admin.sock" "--redis=$(redis_address)" \
    "--policy=deploy/policies/calendar,deploy/policies/national,deploy/policies/$CITY"
  # shellcheck disable=SC2086  # one word a peer
  [[ -z $peers ]] || printf '%s\n' "--peers=$(peer_list $peers)"
  case $name in
    identity) printf '%s\n' "--secrets_dir=$VAR/secrets" ;;
    *) printf '%s\n' "--client_secret_file=$VAR/secrets/$name.secret" ;;
  esac
  case $name in
    gateway)
      printf '%s\n' "--http=$HTTP_ADDRESS" "--descriptors=$BUILD/proto/chanyan.binpb" \
        "--static=$ROOT/services/gateway/static" "${GATEWAY_ARGUMENTS[@]}"
      ;;
    *) printf '%s\n' "--db=$(schema_url "chanyan_$name")" ;;
  esac
  [[ $name != pairing ]] || printf '%s\n' "--index_dir=$VAR/index"
  [[ $name != cycle && $name != consortium ]] ||
    printf '%s\n' "--data_key_file=$VAR/secrets/$name.keys"
  [[ $name != cycle || -z ${CYCLE_ARGUMENTS-} ]] || printf '%s\n' "$CYCLE_ARGUMENTS"
}

# Data files that a service reads at its start are part of what it was started as.
service_fingerprint() {
  (
    cd "$ROOT" || exit
    fingerprint "$@"
    find deploy/policies "$BUILD/proto/chanyan.binpb" -type f -printf '%p %s %T@\n' 2>/dev/null |
      sort
  ) | sha256sum | cut -c 1-16
}

is_ready() {
  curl -fsS --noproxy '*' -m 2 --unix-socket "$RUN/$1.admin.sock" http://localhost/readyz
}

start_service() {
  local name=$1 mark command
  mapfile -t command < <(service_command "$name" "$2")
  [[ -x ${command[0]} ]] || die "没有 ${command[0]#"$ROOT"/}。请确认源码完整后重新运行 tools/up。"
  mark=$(service_fingerprint "${command[@]}")
  if is_running "$name" && same_fingerprint "$name" "$mark" && is_ready "$name" &>/dev/null; then
    return 0
  fi
  step "启动 $name"
  stop "$name"
  (cd "$ROOT" && start "$name" "$mark" "${command[@]}")
  wait_until "$name" "$SERVICE_SECONDS" is_ready "$name"
}

# Keys that a service seals personal data with (common/crypto/keyring.h). Never made anew: what is
# sealed opens with them alone.
make_data_key() {
  local file=$VAR/secrets/$1.keys
  [[ ! -s $file ]] || return 0
  (
    umask 077
    printf '%s %s\n' "$(date +%Y%m%d)" "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')" \
      >"$file.new"
  )
  mv "$file.new" "$file"
  # A database of one's own may have been sealed elsewhere, with a key that belongs here.
  [[ -z $DB_URL ]] || step "已生成 $1 的数据密钥 $file：请妥善备份；若该库已有密封的数据，请换回原来的密钥文件再启动"
}

start_services() {
  local row name
  mkdir -p "$VAR/secrets"
  chmod 0700 "$VAR/secrets"
  if [[ $CITY == qingdao ]]; then
    make_data_key cycle
    make_data_key consortium
  fi
  printf '%s\n' "$HTTP_ADDRESS" >"$RUN/gateway.http"
  # For tools/verify-journal; empty = the private server. No password is in it.
  printf '%s\n' "$DB_URL" >"$RUN/database"
  for row in "${SERVICES[@]}"; do
    name=${row%%|*}
    start_service "${name// /}" "${row#*|}"
  done
}

# A port that somebody else holds is found before the long work; our own gateway may hold it.
check_port() {
  local host=${HTTP_ADDRESS%:*} port=${HTTP_ADDRESS##*:} pid
  if [[ ! $port =~ ^[0-9]{1,5}$ ]] || ((10#$port == 0 || 10#$port > 65535)); then
    die "--http 要一个 1 到 65535 之间的端口，可写成 主机:端口。请改正后重试。"
  fi
  if pid=$(pid_of gateway) && tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF -- "--http=$HTTP_ADDRESS"; then
    return 0
  fi
  if (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; then
    die "端口 $port 已被别的程序占用。请停掉它，或换一个端口：tools/up --http=$((port < 65535 ? port + 1 : 18080))"
  fi
}

# Clients first, so that nobody loses a peer in the middle of a call; the databases last.
stop_suite() {
  local names
  stop gateway
  mapfile -t names < <(service_names | grep -vx gateway)
  stop "${names[@]}"
  stop redis mariadb
  rm -f "$RUN/gateway.http"
}
