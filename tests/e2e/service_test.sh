#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The service without a systemd: sd_notify(3) as the unit relies on it, and the user and the
# capabilities that the unit names, on the ports that are the kernel's. With a systemd, and the
# namespaces of tenants: scripts/packaging/try.sh.
set -u
. "$(dirname "$0")/lib.sh"

UNIT=$ROOT/scripts/packaging/debian/sluice.service
NOBODY=65534

setting() {
	sed -n "s/^$1=//p" "$UNIT" | tail -n 1
}

# In the unit's words, as setpriv has them: +net_admin,+net_raw,...
capabilities() {
	setting AmbientCapabilities | tr ' ' '\n' | sed 's/^CAP_/+/' | tr '[:upper:]' '[:lower:]' | paste -sd,
}

# A program of the lab that is started as the unit does, by a user who is nobody.
program() {
	mkdir -p "$TMP/build/app" && ln -s "$BUILD/app/sluicectl" "$TMP/build/app/" && chmod 755 "$TMP" &&
		cat >"$TMP/build/app/sluice" <<-END && chmod 755 "$TMP/build/app/sluice"
			#!/bin/sh
			export XDG_RUNTIME_DIR=$RUN
			exec setpriv --reuid=$NOBODY --regid=$NOBODY --clear-groups --no-new-privs \
				--inh-caps=-all,$(capabilities) --ambient-caps=-all,$(capabilities) \
				--bounding-set=-all,$(capabilities) "$BUILD/app/sluice" "\$@"
		END
}

manager() {
	"$ROOT/tests/e2e/notify.py" "$TMP/notify" >"$TMP/told" 2>&1 &
	SPAWNED+=("$!")
	wait_for 5 test -S "$TMP/notify"
}

told() {
	grep -q "$1" "$TMP/told" || { cat "$TMP/told"; return 1; }
}

network() {
	lab up --no-start --build "$TMP/build" && chown $NOBODY "$RUN"
}

start() {
	NOTIFY_SOCKET=$TMP/notify WATCHDOG_USEC=10000000 lab start --build "$TMP/build" "$@"
}

has_what_the_unit_says() {
	local status
	status=/proc/$(cat "$RUN/sluice.pid")/status
	grep -E '^(Uid|Cap)' "$status"
	[ "$(awk '/^Uid/ { print $2 }' "$status")" = $NOBODY ] &&
		[ "$(awk '/^CapEff/ { print $2 }' "$status")" = "$(awk '/^CapBnd/ { print $2 }' "$status")" ]
}

forwards() {
	wait_for 10 on lan1 ping -n -c 1 -W 1 192.0.2.2 && on lan1 ping -n -c 1 -W 1 10.0.0.1
}

fed() {
	local before
	before=$(grep -c WATCHDOG=1 "$TMP/told")
	wait_for 5 fed_since "$before"
}

fed_since() {
	[ "$(grep -c WATCHDOG=1 "$TMP/told")" -gt "$1" ]
}

# The worker stands still, and it is control that feeds the watchdog: it must not.
hungry() {
	local tid before status=0
	tid=$(grep -lx rte-worker-1 "/proc/$(cat "$RUN/sluice.pid")/task/"*/comm | cut -d/ -f5)
	mkfifo "$TMP/thaw"
	"$ROOT/tests/e2e/freeze.py" "$tid" <"$TMP/thaw" >"$TMP/frozen" 2>&1 &
	SPAWNED+=("$!")
	exec 8>"$TMP/thaw"
	wait_for 5 grep -q frozen "$TMP/frozen" && wait_for 10 grep -q 'STATUS=a worker stands still' "$TMP/told" || status=1
	before=$(grep -c WATCHDOG=1 "$TMP/told")
	sleep 2
	fed_since "$before" && status=1
	exec 8>&-
	[ $status -eq 0 ] && wait_for 10 fed_since "$before"
}

stops() {
	lab stop && told '^STOPPING=1' && grep -q 'sessions' "$RUN/sluice.log"
}

begin
need 'the program as the unit starts it' program
need 'somebody listens to sd_notify' manager
need 'the network' network
need 'it starts on net_tap' start
check 'with that user and those capabilities alone' has_what_the_unit_says
check 'READY=1 has been said' told '^READY=1'
check 'it forwards, and the kernel answers for it' forwards
check 'STATUS says how it is' wait_for 5 told '^STATUS=.* sessions, 1 workers, links up/up'
check 'the watchdog is fed' fed
check 'not while a worker stands still' hungry
check 'SIGTERM is told, and ends it' stops
need 'it starts on net_af_packet' start --af-packet
check 'and forwards there' forwards
finish
