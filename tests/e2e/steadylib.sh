# SPDX-License-Identifier: BSD-3-Clause
#
# Flows that go on while something else happens to sluice (steady.py); sourced behind lib.sh.

# steady NAME HOST ADDRESS PORT UDP TCP [PORT]: flows that go on until their input ends, which is
# $STEADY_IN. With PATIENCE=SECONDS a datagram is lost that late.
steady() {
	local name=$1 host=$2
	shift 2
	mkfifo "$TMP/$name.in"
	ip netns exec "$LAB-$host" "$ROOT/tests/e2e/steady.py" "$@" <"$TMP/$name.in" >"$TMP/$name.out" 2>&1 &
	STEADY_PID=$!
	SPAWNED+=("$STEADY_PID")
	exec {STEADY_IN}>"$TMP/$name.in"
	wait_for 20 grep -q '^up' "$TMP/$name.out" || { cat "$TMP/$name.out"; return 1; }
}

# Nothing lost, nothing moved, nothing broken.
unharmed() {
	wait_for 30 process_gone "$2"
	cat "$TMP/$1.out"
	sed -n 's/^sent /# '"$1"': sent /p' "$TMP/$1.out" >&3
	grep -q '^sent [1-9][0-9]* lost 0 moved 0 broken 0 ' "$TMP/$1.out"
}
