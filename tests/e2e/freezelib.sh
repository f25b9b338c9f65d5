# SPDX-License-Identifier: BSD-3-Clause
#
# Stopping one thread of the lab's sluice.

# The thread of worker N (0, 1, ...), which has lcore N + 1.
worker_thread() {
	grep -lx "rte-worker-$(($1 + 1))" "/proc/$(cat "$RUN/sluice.pid")/task/"*/comm | sed 's|.*/task/\([0-9]*\)/comm|\1|'
}

# freeze TID, thaw: one thread stands still.
freeze() {
	rm -f "$TMP/thaw"
	mkfifo "$TMP/thaw"
	"$ROOT/tests/e2e/freeze.py" "$1" <"$TMP/thaw" >"$TMP/frozen" 2>&1 &
	SPAWNED+=("$!")
	exec 8>"$TMP/thaw"
	wait_for 5 grep -q frozen "$TMP/frozen" || { cat "$TMP/frozen"; return 1; }
}

thaw() {
	exec 8>&-
}
