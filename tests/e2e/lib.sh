# SPDX-License-Identifier: BSD-3-Clause
#
# Frame of an end-to-end test: one lab, named checks, everything gone at the end.
# A test sources this file, calls `check`, and closes with `finish`.

. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

exec 3>&1 # what is to be read, also from within a check

# A place in memory with room for a test: what waits for a disk there waits for other work too.
roomy_memory() {
	[ "$(stat -fc %T /dev/shm 2>/dev/null)" = tmpfs ] &&
		[ "$(df --output=avail /dev/shm | tail -n 1)" -gt 1000000 ] && echo /dev/shm
}

TEST=$(basename "$0" .sh)
LAB=${LAB:-t$$}
RUN=/run/$LAB-lab
TMP=$(mktemp -d "$(roomy_memory || echo /tmp)/sluice-$TEST.XXXXXX")
PEER=$ROOT/tests/e2e/peer.py
BUILD=${SLUICE_BUILD:-$ROOT/build}
SPAWNED=()
N_CHECKS=0
N_FAILED=0
export LAB SLUICE_BUILD=$BUILD

lab() {
	"$ROOT/scripts/lab.sh" "$@"
}

ctl() {
	lab ctl "$@"
}

# on HOST COMMAND...: run it there; HOST is gw, lan1, lan2, wan1 or wan2.
on() {
	local host=$1
	shift
	ip netns exec "$LAB-$host" "$@"
}

peer_on() {
	local host=$1
	shift
	on "$host" "$PEER" "$@"
}

# spawn HOST COMMAND...: in the background until the test ends; its id is in $SPAWNED_PID.
# (Not by on(): then the id would be that of a shell around the command.)
spawn() {
	ip netns exec "$LAB-$1" "${@:2}" </dev/null >>"$TMP/spawned.log" 2>&1 &
	SPAWNED_PID=$!
	SPAWNED+=("$SPAWNED_PID")
}

# serve HOST PROTOCOL PORT COMMAND...: spawn, and wait until something listens there.
serve() {
	local host=$1 proto=$2 port=$3
	shift 3
	spawn "$host" "$@"
	wait_for 10 listening "$host" "$proto" "$port"
}

listening() {
	[ -n "$(on "$1" ss -Hln "--$2" "sport = :$3")" ]
}

clean_up() {
	local pid
	trap '' INT TERM
	for pid in "${SPAWNED[@]}"; do
		end_process "$pid" 1
		wait "$pid" 2>/dev/null
	done
	lab down >/dev/null 2>&1
	rm -rf "$TMP" "/run/dpdk/$LAB-"*
}

# Leaks are ours to find, but for those of Debian's libxdp.
sanitizer_options() {
	printf 'leak:xsk_umem__create\n' >"$TMP/lsan"
	export LSAN_OPTIONS=suppressions=$TMP/lsan:print_suppressions=0
}

begin() {
	need_root
	sanitizer_options
	trap clean_up EXIT
	trap broken_off INT TERM
}

# Time is up, or somebody has had enough: where it stood.
broken_off() {
	trap '' INT TERM
	{
		printf '# broken off after %d s; the check under way has said:\n' "$SECONDS"
		tail -n 15 "$TMP/check.log" 2>/dev/null | sed 's/^/#   /'
		printf '# and sluice:\n'
		tail -n 15 "$RUN/sluice.log" 2>/dev/null | sed 's/^/#   /'
		busy
	} >&3
	exit 130
}

# ---- checks ----

# check NAME COMMAND...: one line of result; what the command printed only when it failed.
check() {
	local name=$1
	shift
	N_CHECKS=$((N_CHECKS + 1))
	if "$@" >"$TMP/check.log" 2>&1; then
		printf 'ok - %s\n' "$name"
		return 0
	fi
	N_FAILED=$((N_FAILED + 1))
	printf 'not ok - %s\n' "$name"
	tail -n 30 "$TMP/check.log" | sed 's/^/#   /'
	busy
	return 1
}

# Whom the processors work for, when something failed.
busy() {
	printf '# after %d s; load %s; stolen %s\n' "$SECONDS" "$(cut -d' ' -f1-3 /proc/loadavg)" \
		"$(awk '/^cpu[0-9]/ { printf "%s %.1f%% ", $1, $9 * 100 / ($2 + $3 + $4 + $5 + $6 + $7 + $8 + $9) }' /proc/stat)"
	ps -eo pid,sid,ni,psr,pcpu,etimes,args --sort=-pcpu | head -n 6 | cut -c1-120 | sed 's/^/#   /'
}

skip() {
	N_CHECKS=$((N_CHECKS + 1))
	printf 'skip - %s: %s\n' "$1" "$2"
}

# need COMMAND...: without this the rest of the test makes no sense.
need() {
	check "$@" && return
	[ ! -f "$RUN/sluice.log" ] || tail -n 20 "$RUN/sluice.log" | sed 's/^/#   /'
	exit 1
}

# (check.log is what this very check writes to.)
no_sanitizer_report() {
	local found
	found=$(find "$RUN" "$TMP" -name '*.log' ! -name check.log \
		-exec grep -hE 'ERROR: (Address|Leak)Sanitizer|runtime error:' {} + 2>/dev/null)
	printf '%s\n' "$found"
	[ -z "$found" ]
}

# The lab's sluice, unless the test has stopped it itself.
sluice_alive() {
	[ ! -f "$RUN/sluice.pid" ] || process_alive "$(cat "$RUN/sluice.pid")"
}

# finish: the last line of each test; a test that ends without it counts as failed.
finish() {
	check 'sluice has lived to the end' sluice_alive
	check 'no sanitizer report in the log' no_sanitizer_report
	printf '1..%d\n' "$N_CHECKS"
	[ "$N_FAILED" -eq 0 ]
	exit
}

# fails COMMAND...: success when the command fails.
fails() {
	! "$@"
}

# says TEXT COMMAND...: the command's output contains the text, whatever its status.
says() {
	local text=$1 out
	shift
	out=$("$@" 2>&1)
	printf '%s\n' "$out"
	[[ $out == *"$text"* ]]
}

# ---- counters ----

# counter NAME: sum over the workers.
counter() {
	ctl show counters | awk -v name="$1" '$1 == name { print $2; found = 1 } END { if (!found) print 0 }'
}

counter_above() {
	[ "$(counter "$1")" -gt "$2" ]
}

# What came in, minus what it became; 0 when every packet is accounted for.
imbalance() {
	ctl show counters | awk '
		/^(rx_inside|rx_outside|handoff_in|injected|icmp_made|tcp_probes|fragments_made) / { sum += $2 }
		/^(tx_inside|tx_outside|tx_refused_[a-z]*|punted_[a-z]*|handoff_out|fragments_joined|held_now|fragments_held_now|drop_[a-z0-9_]*) / { sum -= $2 }
		END { print NR ? sum + 0 : "no counters" }'
}

# Packets in flight come to rest when nobody sends.
balanced() {
	wait_for 10 test_balance || { echo "imbalance: $(imbalance)"; ctl show counters; return 1; }
}

test_balance() {
	[ "$(imbalance)" = 0 ]
}
