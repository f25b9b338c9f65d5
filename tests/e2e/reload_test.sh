#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The start-up file read again, a thousand times, while flows go on that it does not touch: not
# one of their packets is missing, nothing leaks, and a wrong file changes nothing.
#
#   reload_test.sh [N]    reloads, 1000
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/steadylib.sh"

N=${1:-1000}
WARM=300
OUTSIDE=192.0.2.1
FAR=198.51.100.2
# What ASan keeps of freed memory would look like a leak.
export ASAN_OPTIONS=quarantine_size_mb=1:${ASAN_OPTIONS:-}

# What both files say: the flows that go on need this.
common() {
	cat <<-END
		inside address 10.0.0.1/24
		outside address $OUTSIDE/24
		route 0.0.0.0/0 via 192.0.2.2
		pool main address $OUTSIDE
		tenant default pool main
		forward udp $OUTSIDE:9000 to 10.0.0.3:7000
		forward tcp $OUTSIDE:9000 to 10.0.0.3:7000
	END
}

files() {
	{
		common
		cat <<-END
			pool spare address 203.0.113.0/29
			pool spare filtering udp address-dependent
			tenant blue vlan 10
			tenant blue inside address 10.9.0.1/24
			tenant blue pool spare
			forward tcp $OUTSIDE:9100 to 10.0.0.2:22
			timeout udp 200
			limit subscriber sessions 5000
			nat64 prefix 64:ff9b::/96
		END
	} >"$TMP/a.conf"
	{
		common
		cat <<-END
			pool other address 203.0.113.16/29
			pool other blocks 256 max 2
			tenant red vlan 20
			tenant red pool other
			route 198.18.0.0/15 via 192.0.2.2
			forward udp $OUTSIDE:9200 to 10.0.0.2:53 ports 8
			forward tcp $OUTSIDE:9100 to 10.0.0.3:23
			timeout tcp-established 7500
			limit subscriber ports 3000
			helper sip on
			log syslog 192.0.2.2:5514 blocks
			service tcp 179
			bypass 198.19.0.0/16
		END
	} >"$TMP/b.conf"
	{
		printf 'inside address 10.0.0.1/24\noutside address %s/24\npool main adress 192.0.2.7\n' $OUTSIDE
		printf 'forward tcp %s:1 to 10.0.0.3:1\n' $OUTSIDE
	} >"$TMP/bad.conf"
}

flows() {
	steady outward lan1 $FAR 7000 30 20 30000 && OUTWARD=$STEADY_IN OUTWARD_PID=$STEADY_PID &&
		steady inward wan1 $OUTSIDE 9000 10 10 && INWARD=$STEADY_IN INWARD_PID=$STEADY_PID
}

flows_over() {
	exec {OUTWARD}>&- {INWARD}>&-
	local status=0
	unharmed outward "$OUTWARD_PID" || status=1
	unharmed inward "$INWARD_PID" || status=1
	return $status
}

reloads() {
	"$ROOT/tests/e2e/reloads.py" "$RUN/ctl" "$RUN/sluice.conf" "$(cat "$RUN/sluice.pid")" \
		"$TMP/a.conf" "$TMP/b.conf" "$TMP/bad.conf" "$1" >"$TMP/reloads.out" 2>&1
	local status=$?
	cat "$TMP/reloads.out"
	sed 's/^/# /' "$TMP/reloads.out" >&3
	return $status
}

# What may not grow: DPDK's heap to the byte, mappings, sessions, ports; and the process in KiB.
figures() {
	ctl -j show memory | jq -c '[.heaps[].used]'
	ctl show counters | grep -E '^(sessions_now|mappings_now|subscribers_now) '
	ctl show pools | awk '$1 == "main" || $2 == "main" || /192.0.2.1/'
}

resident() {
	awk '/^VmRSS/ { print $2 }' "/proc/$(cat "$RUN/sluice.pid")/status"
}

no_leak() {
	echo "resident $RESIDENT KiB before, $(resident) KiB after"
	echo "# resident $RESIDENT KiB before, $(resident) KiB after" >&3
	[ $(($(resident) - RESIDENT)) -lt 4096 ] && figures_as_before
}

same_figures() {
	figures >"$TMP/figures.now" && diff "$TMP/figures" "$TMP/figures.now"
}

# (What a worker may still have read is freed by the change after.)
figures_as_before() {
	wait_for 5 same_figures && return
	same_figures
}

# As a first look: the statement, the signal, and no file at all.
by_statement() {
	cp "$TMP/b.conf" "$RUN/sluice.conf" && ctl reload && says 'timeout tcp-established 7500' ctl show configuration
}

by_signal() {
	cp "$TMP/a.conf" "$RUN/sluice.conf" && kill -HUP "$(cat "$RUN/sluice.pid")" &&
		wait_for 5 says 'timeout udp 200' ctl show configuration &&
		wait_for 5 grep -q 'the configuration was read again' "$RUN/sluice.log"
}

bad_by_signal() {
	ctl show configuration >"$TMP/before"
	cp "$TMP/bad.conf" "$RUN/sluice.conf" && kill -HUP "$(cat "$RUN/sluice.pid")" &&
		wait_for 5 grep -q "sluice.conf:3: 'adress'" "$RUN/sluice.log" &&
		wait_for 5 grep -q 'nothing was changed' "$RUN/sluice.log" &&
		ctl show configuration | diff "$TMP/before" - && cp "$TMP/a.conf" "$RUN/sluice.conf"
}

# Only what is wrong together is wrong: every line is right, and nothing is applied.
bad_as_a_whole() {
	ctl show configuration >"$TMP/before"
	{
		cat "$TMP/a.conf"
		printf 'pool few address 203.0.113.200\npool few deterministic 10.0.0.0/8\n'
	} >"$RUN/sluice.conf"
	says 'too few' ctl reload && fails ctl reload && ctl show configuration | diff "$TMP/before" - && cp "$TMP/a.conf" "$RUN/sluice.conf"
}

missing_file() {
	mv "$RUN/sluice.conf" "$TMP/away" && says "$RUN/sluice.conf: cannot be opened" ctl reload
	local status=$?
	mv "$TMP/away" "$RUN/sluice.conf"
	return $status
}

begin
files
need 'lab comes up' lab up --config "$TMP/a.conf" --workers 2 -- --tap-prefix "${LAB:0:11}"
need 'echo servers' serve wan2 udp 7000 "$PEER" echo 7000
need 'and inside' serve lan2 udp 7000 "$PEER" echo 7000
check 'reload reads the file again' by_statement
check 'so does SIGHUP' by_signal
check 'SIGHUP: a wrong file is said by line, nothing changes' bad_by_signal
check 'a file that is wrong as a whole changes nothing' bad_as_a_whole
check 'a file that is gone changes nothing' missing_file
need 'flows go on' flows
# Tenants and pools that come and go take 255 places, and only then the oldest ones again.
check 'some reloads' reloads "$WARM"
RESIDENT=$(resident)
figures >"$TMP/figures"
check "$N reloads under load, wrong files among them" reloads "$N"
check 'no leak, as many ports in use as before' no_leak
check 'unchanged flows have lost nothing' flows_over
check 'every packet is accounted for' balanced
finish
