#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# SIP with real programs: sipp in both roles, by UDP and TCP, with RTP that is echoed and counted
# at both ends; phones inside that register and are called; baresip to baresip by a proxy, and
# without one. Pools let nobody in who was not asked, so what gets in came by an expectation.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/siplib.sh"

# call_out PROTOCOL CALLER CALLEE: lan1 calls wan1.
call_out() {
	a_call "$@" lan1 10.0.0.2 192.0.2.2
}

pinholes_end_with_the_call() {
	local pid status=0
	answer_on wan1 udp 192.0.2.2 5060 callee || return
	sipp_on lan1 10.0.0.2 5060 caller -t u1 -d 2000 192.0.2.2 &
	pid=$!
	wait_for 5 test_media_expected || status=1
	ctl show expectations
	wait $pid && answered || status=1
	wait_for 5 nothing_expected || { ctl show expectations; status=1; }
	! ctl show mappings proto udp | grep -q "10.0.0.2:$MEDIA" || status=1
	return $status
}

test_media_expected() {
	ctl show expectations | grep -q "10.0.0.2:$MEDIA"
}

# Who is not at the other end does not get in.
no_stranger_gets_in() {
	local pid port status=0
	answer_on wan1 udp 192.0.2.2 5060 callee || return
	count lan1 stranger inbound and src host 198.51.100.2 || return
	sipp_on lan1 10.0.0.2 5060 caller -t u1 -d 2000 192.0.2.2 &
	pid=$!
	wait_for 5 test_media_expected || status=1
	port=$(ctl show expectations | grep -o "$OUTSIDE:[0-9]*" | cut -d: -f2)
	for port in $port; do
		printf x | on wan2 nc -u -w 1 -q 0 $OUTSIDE "$port"
	done
	wait $pid && answered || status=1
	[ "$(counted stranger)" -eq 0 ] || status=1
	return $status
}

# ---- phones that are called ----

called_from_outside() {
	a_call_in "$1" lan1 10.0.0.2 192.0.2.2
}

# ---- a server inside ----

server_inside() {
	local status=0
	ctl forward udp $OUTSIDE:5060 to 10.0.0.3:5060 || return
	watch_media lan2 wan2 && answer_on lan2 udp 10.0.0.3 5060 callee_holds || return
	sipp_on wan2 198.51.100.2 5060 caller_holds -t u1 -d 1000 $OUTSIDE:5060 || status=1
	answered || status=1
	media_flows lan2 wan2 || { counted lan2-in; counted wan2-in; status=1; }
	ctl no forward udp $OUTSIDE:5060
	return $status
}

many_calls() {
	local pid status=0
	serve wan1 udp 5060 sipp -sn uas -i 192.0.2.2 -p 5060 -nostdin || return
	pid=$SPAWNED_PID
	(cd "$TMP" && on lan1 timeout 20 sipp -sn uac -i 10.0.0.2 -p 5060 -m 100 -r 50 -d 300 \
		-nostdin 192.0.2.2 </dev/null >"$TMP/uac.out" 2>&1) || { tail -n 40 "$TMP/uac.out"; status=1; }
	wait_for 5 nothing_expected || status=1
	end_process "$pid" 1
	return $status
}

# ---- baresip ----

by_a_proxy() {
	phone bob wan2 198.51.100.2:5060 '<sip:bob@192.0.2.2>;regint=300;answermode=auto' && registered bob &&
		talk alice lan1 10.0.0.2:5060 sip:bob@192.0.2.2 bob
}

to_the_inside() {
	phone carol lan2 10.0.0.3:5060 '<sip:carol@192.0.2.2>;regint=300;answermode=auto' &&
		registered carol && talk dave wan2 198.51.100.2:5070 sip:carol@192.0.2.2 carol
}

# Both inside, the proxy outside: media turn round.
both_inside() {
	talk erin lan1 10.0.0.2:5060 sip:carol@192.0.2.2 carol
}

# They say goodbye to their registrar, all at once.
hang_up() {
	kill "${PHONES[@]}" 2>/dev/null
	wait "${PHONES[@]}" 2>/dev/null
	wait_for 5 test_phones_left || { ctl show expectations; return 1; }
}

# (sipp's phone at lan1 is registered still.)
test_phones_left() {
	! ctl show expectations | grep -q -e 'pair' -e 10.0.0.3
}

# ---- switched off ----

switched_off() {
	local status=0
	ctl helper sip off && count wan1 plain inbound and udp dst port 5060 || return
	answer_on wan1 udp 192.0.2.2 5060 callee || return
	# What goes to the inside address gets nowhere, signalling does by the flow.
	sipp_on lan1 10.0.0.2 5061 caller -t u1 -d 100 192.0.2.2 && answered || status=1
	tcpdump -Anr "$TMP/plain.pcap" 2>/dev/null | grep -q 'c=IN IP4 10.0.0.2' || status=1
	! test_media_expected || status=1
	ctl helper sip on && return $status
}

begin
need 'lab comes up' lab up
need 'off by default' says off ctl show helpers
need 'switched on' ctl helper sip on
need 'pools let nobody in' strict_pool
check 'call from inside, UDP: the callee plays, the caller echoes' call_out udp caller callee_plays
check 'the same by TCP' call_out tcp caller callee_plays
check 'hold and back' call_out udp caller_holds callee_holds
check 'pinholes end with the call' pinholes_end_with_the_call
check 'no stranger gets in' no_stranger_gets_in
check 'a hundred calls by one flow' many_calls
check 'a registered phone is called, UDP' called_from_outside udp
check 'a registered phone is called, TCP' called_from_outside tcp
check 'a server inside: hold and back' server_inside
check 'switched off: nothing is touched' switched_off
need 'a proxy outside' proxy
check 'baresip to baresip by a proxy' by_a_proxy
check 'baresip to baresip inside by a proxy' to_the_inside
check 'both inside, the proxy outside' both_inside
check 'nothing is open when all phones have left' hang_up
check 'every packet is accounted for' balanced
finish
