#!/bin/bash
# broker-tuning apply|restore|check - installed by cdktf-broker-pools
#
#   apply    puts the plan in force and writes it to /etc/sysctl.d for the next boot
#   restore  raises again what something else has lowered since
#   check    exits 1 while a required key is short, and says which, on standard error and on the console
#
# A line of the plan: key semantics need restore value...
# RLIMIT_NOFILE is the open-file limit of containers; its semantics column says where to read it.
set -u

plan=/etc/broker-tuning/plan
persistent=/etc/sysctl.d/99-zz-broker-tuning.conf
runtime_spec=/etc/containerd/base-runtime-spec.json

say() { echo "broker-tuning: $*" >&2; }

path_of() { echo "/proc/sys/${1//.//}"; }

# The present value with single blanks; nothing where the kernel does not have the key.
present() {
  [ -r "$1" ] && tr -s '[:blank:]' ' ' <"$1"
}

# covers HAVE WANT: every number of HAVE is at least its counterpart in WANT.
covers() {
  local have want i
  read -ra have <<<"$1"
  read -ra want <<<"$2"
  for i in "${!want[@]}"; do
    [ "${have[i]:-0}" -ge "${want[i]}" ] || return 1
  done
}

# larger HAVE WANT: number by number the larger of the two.
larger() {
  local have want i
  read -ra have <<<"$1"
  read -ra want <<<"$2"
  for i in "${!want[@]}"; do
    [ "${have[i]:-0}" -gt "${want[i]}" ] && want[i]=${have[i]}
  done
  echo "${want[*]}"
}

# set_key NAME SEMANTICS VALUE: brings one key to its value and prints the line that keeps it there.
set_key() {
  local file have target=$3
  file=$(path_of "$1")
  have=$(present "$file")
  [ "$2" = raise-only ] && target=$(larger "$have" "$3")
  if [ "$have" != "$target" ] && ! echo "$target" 2>/dev/null >"$file"; then
    say "could not set $1 to $target"
  fi
  echo "$1 = $target"
}

apply() {
  local name semantics need restore value
  while read -r name semantics need restore value; do
    case $name in '#'* | '' | RLIMIT_NOFILE | end) continue ;; esac
    set_key "$name" "$semantics" "$value"
  done <"$plan" >"$persistent.new" && mv "$persistent.new" "$persistent"
}

restore() {
  local name semantics need restore value
  while read -r name semantics need restore value; do
    [ "$restore" = restore ] && set_key "$name" "$semantics" "$value" >/dev/null
  done <"$plan"
  return 0
}

# The soft and hard open-file limit that containers get, as "SOFT HARD".
container_open_files() {
  local process rlimit
  case $1 in
    runtime-spec)
      rlimit=$(tr -d ' \t\n' <"$runtime_spec" 2>/dev/null | grep -o '{[^{}]*"RLIMIT_NOFILE"[^{}]*}')
      echo "$(number_of soft "$rlimit") $(number_of hard "$rlimit")"
      ;;
    containerd)
      for process in /proc/[0-9]*; do
        [ "$(cat "$process/comm" 2>/dev/null)" = containerd ] || continue
        sed -n 's/^Max open files *\([0-9]*\) *\([0-9]*\).*/\1 \2/p' "$process/limits"
        return
      done
      ;;
  esac
}

# number_of FIELD JSON
number_of() {
  echo "$2" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

# verdict NAME SEMANTICS VALUE: prints what is wrong with one line of the plan, or nothing.
verdict() {
  local have
  if [ "$1" = RLIMIT_NOFILE ]; then
    have=$(container_open_files "$2")
    covers "$have" "$3 $3" || echo "the open-file limit of containers (soft hard) is '$have', the plan wants $3"
    return
  fi
  have=$(present "$(path_of "$1")")
  if [ -z "$have" ]; then
    echo "$1 does not exist on this kernel, the plan wants $3"
  elif [ "$2" = raise-only ]; then
    covers "$have" "$3" || echo "$1 is $have, the plan wants at least $3"
  elif [ "$have" != "$3" ]; then
    echo "$1 is $have, the plan wants $3"
  fi
}

check() {
  local name semantics need restore value wrong failures=0 complete=no
  while read -r name semantics need restore value; do
    case $name in '#'* | '') continue ;; end) complete=yes && continue ;; esac
    wrong=$(verdict "$name" "$semantics" "$value")
    [ -n "$wrong" ] || continue
    say "$need: $wrong"
    [ "$need" = required ] || continue
    failures=$((failures + 1))
    report_on_console "$wrong"
  done <"$plan"
  if [ $complete = no ]; then
    say "required: $plan is missing or incomplete"
    report_on_console "$plan is missing or incomplete"
    return 1
  fi
  [ $failures -eq 0 ]
}

report_on_console() {
  { echo "broker-tuning: the kubelet does not start: $1" >/dev/console; } 2>/dev/null
  return 0
}

case ${1:-} in
  apply | restore | check) "$1" ;;
  *)
    say "usage: broker-tuning apply|restore|check"
    exit 2
    ;;
esac
