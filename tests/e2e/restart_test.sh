#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Restarts lose no connection: a download, a session that says nothing and one from outside go on
# over an orderly restart, over kill -9 with what was saved before, and with other numbers of
# workers; ports that were forwarded at run time stay so. A damaged file is refused, and another
# program's is left alone.
#
#   tests/e2e/restart_test.sh [--long]
#
#   --long    started a hundred times after kill -9, not ten times
set -u
. "$(dirname "$0")/lib.sh"

STATE=$TMP/state
MEGABYTES=${MEGABYTES:-200}
RATE=${RATE:-25M}
STARTS=10
[ "${1:-}" != --long ] || STARTS=100

configure() {
	cat >"$TMP/sluice.conf" <<-END
		inside address 10.0.0.1/24
		outside address 192.0.2.1/24
		route 0.0.0.0/0 via 192.0.2.2
		state file $STATE
		state interval ${1:-0}
	END
}

# start WORKERS: and the hosts reach each other.
start() {
	lab start --workers "$1" --config "$TMP/sluice.conf" &&
		wait_for 20 on lan1 ping -c 1 -W 1 192.0.2.2
}

restart() {
	lab stop && start "${1:-1}"
}

kill_and_start() {
	local pid
	pid=$(cat "$RUN/sluice.pid")
	kill -KILL "$pid" && wait_for 5 process_gone "$pid" && start "${1:-1}"
}

# ---- sessions ----

# talk NAME HOST ADDRESS PORT: a TCP session that lines are put into by say().
talk() {
	mkfifo "$TMP/$1.in"
	exec {FD}<>"$TMP/$1.in"
	ip netns exec "$LAB-$2" socat -t 60 - "TCP:$3:$4" <&"$FD" >"$TMP/$1.out" 2>"$TMP/$1.log" &
	SPAWNED+=($!)
	eval "TALK_$1=$FD"
	say "$1" begun
}

# say NAME TEXT: it comes back, however long TCP takes to try again.
say() {
	local fd=TALK_$1
	echo "$2" >&"${!fd}" && wait_for 40 grep -qx "$2" "$TMP/$1.out"
}

download() {
	on lan1 curl -sS --limit-rate "$RATE" -o "$TMP/got" http://192.0.2.2:8000/file \
		2>"$TMP/curl.log" &
	DOWNLOAD=$!
	SPAWNED+=("$DOWNLOAD")
}

got_megabytes() {
	[ "$(stat -c %s "$TMP/got" 2>/dev/null || echo 0)" -ge $(($1 << 20)) ]
}

download_is_whole() {
	wait "$DOWNLOAD" || { cat "$TMP/curl.log"; return 1; }
	cmp "$TMP/got" "$TMP/www/file"
}

restored() {
	[ "$(ctl show state json | jq .restored)" -ge "$1" ]
}

saved_again() {
	[ "$(ctl show state json | jq .saves)" -gt "$1" ]
}

# What is there now is in the file.
wait_for_save() {
	local before
	before=$(ctl show state json | jq .saves) && wait_for 20 saved_again $((before + 1))
}

# ---- checks ----

download_over_restart() {
	rm -f "$TMP/got"
	download
	wait_for 60 got_megabytes 20 && restart 1 && restored 1 && fails got_megabytes "$MEGABYTES" &&
		download_is_whole
}

download_over_kill() {
	rm -f "$TMP/got"
	configure 1
	restart 1
	download
	wait_for 60 got_megabytes 20 && wait_for_save && kill_and_start 1 && restored 1 &&
		fails got_megabytes "$MEGABYTES" && download_is_whole
}

idle_over_restart() {
	restart "$1" && restored 2 && say idle "after $1" && say inward "after $1 too"
}

idle_over_kill() {
	says saved ctl state save && kill_and_start "$1" && restored 2 && say idle "killed $1" &&
		say inward "killed $1 too"
}

# The forward was never in a file, and still lets new sessions in.
forward_is_back() {
	says 10.0.0.3:7 ctl show forwards && says anew on wan1 "$PEER" ask tcp 192.0.2.1 2200 anew
}

# Once it is in the configuration's file it is that file's to say.
saved_forward_is_the_files() {
	ctl save >/dev/null && lab stop && start 1 && fails says 10.0.0.3:7 ctl show forwards
}

damaged_is_refused() {
	lab stop && printf '\377' | dd of="$STATE" bs=1 seek=300 conv=notrunc status=none &&
		: >"$RUN/sluice.log" && lab start --config "$TMP/sluice.conf" &&
		grep -q 'damaged: .*starting without' "$RUN/sluice.log" && restored 0 &&
		fails restored 1
}

truncated_is_refused() {
	lab stop && truncate -s -8 "$STATE" && : >"$RUN/sluice.log" &&
		lab start --config "$TMP/sluice.conf" &&
		grep -q 'its end is missing' "$RUN/sluice.log" && fails restored 1
}

foreign_is_left_alone() {
	lab stop && echo 'a diary' >"$STATE" && : >"$RUN/sluice.log" &&
		lab start --config "$TMP/sluice.conf" &&
		grep -q 'is no state file' "$RUN/sluice.log" && fails ctl state save &&
		lab stop && [ "$(cat "$STATE")" = 'a diary' ]
}

nowhere_to_save() {
	configure 0
	sed -i "s|^state file .*|state file $TMP/none/state|" "$TMP/sluice.conf"
	lab start --config "$TMP/sluice.conf" && fails ctl state save &&
		says 'No such file' ctl state save && lab stop &&
		grep -q 'the state is not saved' "$RUN/sluice.log"
}

# killed_often N: up again each time, sessions still there, in so many milliseconds at most.
killed_often() {
	local i begin all=()
	for ((i = 0; i < $1; i++)); do
		kill -KILL "$(cat "$RUN/sluice.pid")"
		wait_for 5 process_gone "$(cat "$RUN/sluice.pid")"
		begin=$(date +%s%3N)
		lab start --config "$TMP/sluice.conf" || return
		all+=($(($(date +%s%3N) - begin)))
		restored 1 || return
	done
	printf '%s\n' "${all[@]}" | sort -n |
		awk '{ t[NR] = $1 } END { print "# up after " t[1] "/" t[int((NR + 1) / 2)] "/" t[NR] " ms" }' |
		tee "$TMP/times" && awk -v most="${START_MS:-10000}" '{ split($4, t, "/"); exit t[3] > most }' "$TMP/times"
}

begin
configure 0
need 'lab comes up' lab up --config "$TMP/sluice.conf"
need 'hosts reach each other' wait_for 20 on lan1 ping -c 1 -W 1 192.0.2.2
mkdir "$TMP/www" && head -c "${MEGABYTES}M" /dev/urandom >"$TMP/www/file"
need 'web server' serve wan1 tcp 8000 "$PEER" web 8000 "$TMP/www"
need 'echo server outside' serve wan1 tcp 7 socat TCP-LISTEN:7,fork,reuseaddr EXEC:cat
need 'echo server inside' serve lan2 tcp 7 "$PEER" echo 7

check 'a download goes on over a restart' download_over_restart
check 'a download goes on over kill -9' download_over_kill
configure 0
need 'restart' restart 1
check 'a forward at run time' ctl forward tcp 192.0.2.1:2200 to 10.0.0.3:7
need 'an idle session' talk idle lan1 192.0.2.2 7
need 'one from outside' talk inward wan1 192.0.2.1 2200
check 'idle sessions go on over a restart' idle_over_restart 1
check 'with two workers' idle_over_restart 2
check 'with three' idle_over_restart 3
check 'over kill -9' idle_over_kill 3
check 'with one again' idle_over_kill 1
check 'the forward is back' forward_is_back
check "started $STARTS times after kill -9" killed_often $STARTS
cat "$TMP/times" 2>/dev/null
check 'a forward that was saved is the start-up file'\''s' saved_forward_is_the_files
check 'a damaged file is refused' damaged_is_refused
check 'one without its end is refused' truncated_is_refused
check 'another program'\''s is left alone' foreign_is_left_alone
check 'a directory that is not there is said' nowhere_to_save
finish
