#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Statements: wrong files, changes at run time, round trips, filters, telemetry.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2

# ---- files ----

# wrong_file NAME EXPECTED...: the file on stdin is refused, and each EXPECTED is said.
wrong_file() {
	local file=$TMP/$1 out text status
	shift
	cat >"$file"
	out=$(timeout 10 "$BUILD/app/sluice" -- --check "$file" 2>&1)
	status=$?
	printf '%s\n' "$out" | head -n 20
	[ $status -ne 0 ] && [ $status -lt 124 ] || return 1
	for text in "$@"; do
		[[ $out == *"$text"* ]] || { echo "missing: $text"; return 1; }
	done
}

wrong_word() {
	wrong_file word.conf 'word.conf:3:' "'adress'" 'address' <<-'END'
		# a comment
		inside address 10.0.0.1/24
		outside adress 192.0.2.1/24
	END
}

wrong_value() {
	wrong_file value.conf 'value.conf:1:' "'10.0.0.1/33'" 'value.conf:2:' "'banana'" <<-'END'
		inside address 10.0.0.1/33
		timeout udp banana
	END
}

wrong_end() {
	wrong_file end.conf 'end.conf:1:' expected 'end.conf:2:' "'again'" <<-'END'
		route 0.0.0.0/0 via
		hairpin on again
	END
}

binary_garbage() {
	local i
	for i in 1 2 3 4 5; do
		{ printf '\001' && head -c 100000 /dev/urandom; } | wrong_file garbage.conf 'garbage.conf:1:' || return
	done
	head -c 200000 /dev/zero | wrong_file zero.conf 'zero.conf:1:' || return
	head -c 200000 /dev/zero | tr '\0' a | wrong_file long.conf 'long.conf:1:'
}

directory_as_file() {
	says "$TMP" timeout 10 "$BUILD/app/sluice" -- --check "$TMP" &&
		fails timeout 10 "$BUILD/app/sluice" -- --check "$TMP"
}

# ---- run time ----

nothing_applied() {
	ctl show configuration >"$TMP/before"
	printf 'inside address 10.77.0.1/24\noutside adress 192.0.2.1/24\n' >"$TMP/half.conf"
	says 'half.conf:2:' ctl load "$TMP/half.conf" && fails ctl load "$TMP/half.conf" &&
		ctl show configuration | diff "$TMP/before" -
}

wrong_statement() {
	says "'frobnicate'" ctl frobnicate && fails ctl frobnicate &&
		says "'icmpx'" ctl timeout icmpx 5 && fails ctl timeout icmpx 5
}

round_trip() {
	ctl timeout udp 250 && ctl limit subscriber sessions 5000 && ctl service tcp 2222 &&
		ctl limit subscriber mapping-sessions 500 && ctl icmp unsolicited-syn off &&
		ctl port-parity off &&
		ctl forward udp 192.0.2.1:6000 to 10.0.0.3:6000 description 'a "quoted" word' &&
		ctl pool second address 192.0.2.1 && ctl pool second address 203.0.113.0/28 &&
		ctl no pool second &&
		ctl neighbor inside 10.0.0.200 02:00:00:00:00:c8 &&
		ctl show configuration >"$TMP/one.conf" &&
		[ "$(grep -cxE 'limit subscriber mapping-sessions 500|icmp unsolicited-syn off|port-parity off' "$TMP/one.conf")" -eq 3 ] &&
		ctl load "$TMP/one.conf" && ctl show configuration >"$TMP/two.conf" || return
	diff "$TMP/one.conf" "$TMP/two.conf" && "$BUILD/app/sluice" -- --check "$TMP/two.conf"
}

saved() {
	ctl save "$TMP/saved.conf" && diff "$TMP/saved.conf" "$TMP/two.conf"
}

# ---- sessions live on ----

held_connection() {
	mkfifo "$TMP/hold"
	ip netns exec "$LAB-lan1" "$PEER" hold $WAN 7000 41000 <"$TMP/hold" >"$TMP/hold.log" 2>&1 &
	HOLD=$!
	SPAWNED+=("$HOLD")
	exec 7>"$TMP/hold"
	wait_for 10 grep -q up "$TMP/hold.log"
}

still_held() {
	echo "$1" >&7
	wait_for 5 grep -q "$1" "$TMP/hold.log" && return
	echo "the connection is dead at: $1"
	ctl show sessions
	ctl show counters | grep drop
	return 1
}

changes_keep_sessions() {
	ctl timeout tcp-established 7000 && still_held one &&
		ctl forward tcp 192.0.2.1:7777 to 10.0.0.3:7777 && still_held two &&
		ctl outside address 192.0.2.9/24 && still_held three &&
		ctl load "$TMP/two.conf" && still_held four
}

many_reloads() {
	local i before
	before=$(counter drop_unconfigured)
	ip netns exec "$LAB-lan2" ping -n -q -i 0.02 -c 200 -W 2 $WAN >"$TMP/ping.log" 2>&1 &
	local ping=$!
	for i in $(seq 50); do
		ctl load "$TMP/two.conf" || return
	done
	wait "$ping"
	tail -n 3 "$TMP/ping.log"
	grep -q ' 0% packet loss' "$TMP/ping.log" && still_held reloaded &&
		[ "$(counter drop_unconfigured)" -eq "$before" ]
}

# ---- show and clear ----

filters() {
	peer_on lan1 ask udp $WAN 7000 x 41001 && peer_on lan2 ask udp $WAN 7000 x 41002 || return
	ctl show sessions
	says 10.0.0.2:41001 ctl show sessions inside 10.0.0.2 &&
		fails says 10.0.0.3: ctl show sessions inside 10.0.0.2 &&
		says 10.0.0.3:41002 ctl show sessions inside 10.0.0.3:41002 &&
		fails says 10.0.0.2: ctl show sessions inside 10.0.0.3:41002 &&
		says 10.0.0.2:41000 ctl show sessions proto tcp &&
		fails says :41001 ctl show sessions proto tcp &&
		says 10.0.0.2:41000 ctl show sessions state ESTABLISHED
}

json_sessions() {
	ctl show sessions json >"$TMP/sessions.json"
	cat "$TMP/sessions.json"
	jq -e '[.. | objects | select(.inside? // "" | tostring | contains("10.0.0.2"))] | length > 0' \
		"$TMP/sessions.json"
}

cleared() {
	ctl clear sessions inside 10.0.0.3 && fails says 10.0.0.3: ctl show sessions &&
		says 10.0.0.2:41000 ctl show sessions && still_held five
}

shows() {
	local what
	for what in interfaces neighbors routes sessions mappings subscribers pools counters \
		forwards port-forwards port-mapping tenants workers punts kernel memory version configuration; do
		ctl show "$what" >"$TMP/show.log" 2>&1 || { cat "$TMP/show.log"; return 1; }
		ctl show "$what" json | jq -e . >"$TMP/show.log" 2>&1 ||
			{ echo "$what as JSON:"; cat "$TMP/show.log"; return 1; }
	done
}

helped() {
	says 'inside address' ctl help && says 'route PREFIX' ctl help route
}

# ---- what the box says of itself ----

# level TYPE [level|start]
level() {
	ctl -j show log levels | jq -r ".types[] | select(.type == \"$1\") | .${2:-level}"
}

log_levels() {
	says "'sluice.nothing'" ctl log level sluice.nothing debug && says "'loud'" ctl log level sluice.port loud &&
		ctl log level sluice.control debug && ctl log level 'sluice.*' warning && ctl log level sluice.port error &&
		[ "$(level sluice.control) $(level sluice.lib) $(level sluice.port)" = 'warning warning error' ] &&
		ctl show configuration | grep '^log level' >"$TMP/levels" && cat "$TMP/levels" &&
		[ "$(tail -n 1 "$TMP/levels")" = 'log level sluice.port error' ] &&
		ctl no log level 'sluice.*' && [ "$(level sluice.control) $(level sluice.lib)" = 'debug notice' ] &&
		says "'sluice.*'" ctl no log level 'sluice.*' && ctl no log level sluice.control &&
		ctl no log level sluice.port && ctl show log levels &&
		[ "$(ctl -j show log levels | jq '[.types[] | select(.level != .start)] | length')" = 0 ]
}

# Reloads that were told of.
said() {
	grep -c 'the configuration was read again' "$RUN/sluice.log"
}

said_more() {
	[ "$(said)" -gt "$1" ]
}

# The file that was loaded is read again by SIGHUP.
level_holds() {
	local before
	before=$(said)
	{ ctl show configuration && echo 'log level sluice.control error'; } >"$TMP/quiet.conf"
	ctl load "$TMP/quiet.conf" && ctl timeout udp 251 &&
		kill -HUP "$(cat "$RUN/sluice.pid")" && wait_for 5 fails says 'timeout udp 251' ctl show configuration && [ "$(said)" = "$before" ] &&
		sed -i '/^log level/d' "$TMP/quiet.conf" && kill -HUP "$(cat "$RUN/sluice.pid")" &&
		wait_for 5 said_more "$before"
}

# ---- telemetry ----

telemetry() {
	echo "$1" | timeout 10 dpdk-telemetry.py -f "$LAB"
}

telemetry_counters() {
	says '"rx_inside": ' telemetry /sluice/counters && says '"drop_ttl": ' telemetry /sluice/counters
}

telemetry_lists() {
	says /sluice/counters telemetry /
}

begin
check 'a wrong word is named with file and line' wrong_word
check 'wrong values are named, all of them' wrong_value
check 'a line too short, a line too long' wrong_end
check 'binary garbage is refused' binary_garbage
check 'a directory is refused' directory_as_file
need 'lab comes up' lab up
need 'echo server' serve wan1 tcp 7000 "$PEER" echo 7000
need 'a connection that stays' held_connection
check 'of a wrong file nothing is applied' nothing_applied
check 'a wrong statement is named' wrong_statement
check 'show configuration makes the same box' round_trip
check 'save writes the same' saved
check 'changes keep the sessions' changes_keep_sessions
check '50 reloads under traffic lose nothing' many_reloads
check 'show sessions with filters' filters
check 'show sessions as JSON' json_sessions
check 'clear sessions with a filter' cleared
check 'every show, as text and as JSON' shows
check 'help' helped
check 'telemetry lists the box' telemetry_lists
check 'telemetry has the counters' telemetry_counters
check 'log levels change at run time' log_levels
check 'what is below its level is not said' level_holds
check 'every packet is accounted for' balanced
finish
