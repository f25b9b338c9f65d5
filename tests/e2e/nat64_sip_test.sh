#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# SIP between IPv6 and IPv4 with real programs: phones at lan6, which has IPv6 only, and IPv4 ones
# outside: sipp, and baresip by kamailio. Pools let nobody in who was not asked, so what gets in
# came by an expectation.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/siplib.sh"

CLIENT=2001:db8:1::6
WAN=64:ff9b::c000:202 # 192.0.2.2

pinholes_end_with_the_call() {
	local pid status=0
	answer_on wan1 udp 192.0.2.2 5060 callee || return
	sipp_on lan6 $CLIENT 5060 caller -t u1 -d 2000 "[$WAN]" &
	pid=$!
	wait_for 5 test_media_expected || status=1
	ctl show expectations
	wait $pid && answered || status=1
	wait_for 5 nothing_expected || { ctl show expectations; status=1; }
	! ctl show mappings proto udp | grep -qF "[$CLIENT]:$MEDIA" || status=1
	return $status
}

test_media_expected() {
	ctl show expectations | grep -qF "[$CLIENT]:$MEDIA"
}

# What leaves the box speaks of IPv4 alone, and what comes to the phone of IPv6.
families_do_not_mix() {
	local status=0
	count wan1 said-out inbound and udp dst port 5060 && count lan6 said-in inbound and udp dst port 5060 || return
	answer_on wan1 udp 192.0.2.2 5060 callee || return
	sipp_on lan6 $CLIENT 5060 caller -t u1 -d 100 "[$WAN]" && answered || status=1
	tcpdump -Anr "$TMP/said-out.pcap" 2>/dev/null | grep -q 'c=IN IP4 192.0.2.1' || status=1
	tcpdump -Anr "$TMP/said-in.pcap" 2>/dev/null | grep -q "c=IN IP6 $WAN" || status=1
	! tcpdump -Anr "$TMP/said-out.pcap" 2>/dev/null | grep -i 'sip:.*\[\|via.*\[\|ip6.*:.*:' || status=1
	! tcpdump -Anr "$TMP/said-in.pcap" 2>/dev/null | grep -i '@192\.\|ip4' || status=1
	return $status
}

# A prefix of another length, whose addresses have a suffix.
another_prefix() {
	local status=0
	ctl nat64 prefix 2001:db8:64:ff00::/64 || return
	a_call udp caller callee_plays lan6 $CLIENT '[2001:db8:64:ff00:c0:2:200::]' || status=1
	wait_for 5 nothing_expected || status=1
	ctl no nat64 prefix 2001:db8:64:ff00::/64 && return $status
}

by_a_proxy() {
	phone bob wan2 198.51.100.2:5060 '<sip:bob@192.0.2.2>;regint=300;answermode=auto' && registered bob &&
		talk alice lan6 "[$CLIENT]:5060" "sip:bob@[$WAN]" bob "[$WAN]"
}

to_the_inside() {
	phone carol lan6 "[$CLIENT]:5060" "<sip:carol@[$WAN]>;regint=300;answermode=auto" &&
		registered carol && talk dave wan2 198.51.100.2:5070 sip:carol@192.0.2.2 carol
}

# An IPv4 phone inside and one of IPv6, the proxy outside: media turn round.
both_inside() {
	talk erin lan1 10.0.0.2:5060 sip:carol@192.0.2.2 carol
}

hang_up() {
	kill "${PHONES[@]}" 2>/dev/null
	wait "${PHONES[@]}" 2>/dev/null
	wait_for 5 no_pair || { ctl show expectations; return 1; }
}

no_pair() {
	! ctl show expectations | grep -q pair
}

several_workers() {
	end_process "$PROXY_PID" 1 && wait_for 5 fails listening wan1 udp 5060 || return
	ctl show configuration >"$TMP/one" && lab stop && lab start --workers 3 --config "$TMP/one" &&
		wait_for 10 on lan6 ping -n -c 1 -W 1 $WAN &&
		a_call udp caller callee_plays lan6 $CLIENT "[$WAN]" && a_call_in tcp lan6 "$CLIENT" "[$WAN]"
}

begin
need 'lab comes up' lab up --six
need 'SIP switched on' ctl helper sip on
need 'pools let nobody in' strict_pool
check 'call to IPv4, UDP: the callee plays, the caller echoes' a_call udp caller callee_plays lan6 $CLIENT "[$WAN]"
check 'the same by TCP' a_call tcp caller callee_plays lan6 $CLIENT "[$WAN]"
check 'hold and back' a_call udp caller_holds callee_holds lan6 $CLIENT "[$WAN]"
check 'each end is told of its own family alone' families_do_not_mix
check 'pinholes end with the call' pinholes_end_with_the_call
check 'a call by a prefix of another length' another_prefix
check 'a registered phone is called from IPv4, UDP' a_call_in udp lan6 "$CLIENT" "[$WAN]"
check 'a registered phone is called from IPv4, TCP' a_call_in tcp lan6 "$CLIENT" "[$WAN]"
need 'a proxy outside' proxy
check 'baresip to baresip by a proxy' by_a_proxy
check 'baresip to baresip inside by a proxy' to_the_inside
check 'both inside, one of IPv4, the proxy outside' both_inside
check 'nothing is open when all phones have left' hang_up
check 'every packet is accounted for' balanced
check 'several workers' several_workers
check 'every packet is accounted for with several workers' balanced
finish
