# SPDX-License-Identifier: BSD-3-Clause
#
# Shell functions shared by scripts/ and tests/e2e/. Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
	exit 1
}

need_root() {
	[ "$(id -u)" -eq 0 ] || die "needs root: it makes network namespaces and opens TAP devices"
}

# wait_for SECONDS COMMAND...: run the command until it succeeds; false when time is up.
# The command is silent; it may be a shell function.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# The first thread may be a zombie while others of the process still hold its files.
process_alive() {
	local tasks
	# In a trap, return alone gives what was before the trap: here success.
	[ -n "${1:-}" ] && kill -0 "$1" 2>/dev/null || return 1
	tasks=("/proc/$1/task/"*)
	[ ${#tasks[@]} -gt 1 ] || ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

process_gone() {
	! process_alive "$1"
}

# end_process PID [SECONDS]: SIGTERM, and SIGKILL when that was not enough.
end_process() {
	process_alive "$1" || return 0
	kill "$1" 2>/dev/null
	wait_for "${2:-10}" process_gone "$1" && return 0
	kill -KILL "$1" 2>/dev/null
	wait_for 60 process_gone "$1" # as soon as it runs; a virtual processor may stand still for long
}

# The processors this process may run on, one a line.
allowed_cpus() {
	local range
	for range in $(awk '/^Cpus_allowed_list/ { gsub(",", " ", $2); print $2 }' /proc/self/status); do
		seq "${range%-*}" "${range#*-}"
	done
}

# lcores_for N: --lcores value for control and N workers, spread over the processors there are.
# Control shares the first one; workers begin at the second.
lcores_for() {
	local cpus i list
	mapfile -t cpus < <(allowed_cpus)
	list="0@${cpus[0]}"
	for ((i = 1; i <= $1; i++)); do
		list+=",$i@${cpus[i % ${#cpus[@]}]}"
	done
	printf '%s\n' "$list"
}

# EAL options for memory: hugepages when 512 MB of them are free, else ordinary pages
# (which do not go together with --in-memory). Nothing is left in hugetlbfs either way.
memory_options() {
	local kb
	kb=$(awk '/^HugePages_Free/ { n = $2 } /^Hugepagesize/ { s = $2 } END { print n * s }' /proc/meminfo)
	if [ "${LAB_NO_HUGE:-}" != yes ] && [ "$kb" -ge 524288 ]; then
		printf '%s\n' --in-memory
	else
		printf '%s\n' --no-huge -m 768
	fi
}
