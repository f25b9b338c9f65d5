#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# PCP by IPv6: lan6, which has no IPv4, opens ports of the box's IPv4 address behind NAT64.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pcplib.sh"

CLIENT=2001:db8:1::6
OTHER=2001:db8:1::66
BOX=2001:db8:1::1
FILE=$TMP/leases

# pcpc6 ARGUMENT...: from lan6's first address, unless another --bind says otherwise
pcpc6() {
	pcpc lan6 --server $BOX --bind $CLIENT "$@"
}

port6() {
	pcp_port lan6 --server $BOX --bind $CLIENT "$@"
}

starts() {
	ip -n "$LAB-lan6" addr add $OTHER/64 dev eth0 nodad preferred_lft 0
	serve wan1 tcp 7000 "$PEER" echo 7000 && serve wan2 tcp 7000 "$PEER" echo 7000 &&
		serve lan6 tcp 7000 "$PEER" echo 7000 :: && serve lan1 tcp 7000 "$PEER" echo 7000 &&
		ctl port-mapping file "$FILE"
}

switched_off() {
	says 'no answer' pcpc6 --timeout 0.3 --tries 1 announce && ctl pcp on &&
		says SUCCESS pcpc6 announce && says SUCCESS pcpc lan1 announce
}

# Hosts know their router by its link-local address.
asked_by_link() {
	local router
	router=$(on lan6 ip -6 route show default | awk '{ print $3; exit }')
	[[ $router == fe80:* ]] || router=$(ip -n "$LAB-gw" -6 -o addr show scope link | awk '/in/ { sub("/.*", "", $4); print $4; exit }')
	echo "router $router"
	says SUCCESS pcpc lan6 --server "$router%eth0" --bind $CLIENT announce
}

map_opens() {
	port6 --describe 'a game' map tcp 7000 && reached "$PORT" wan1 &&
		reached "$PORT" wan2 && listed "pcp.*tcp.*$OUTSIDE:$PORT .*to \[$CLIENT\]:7000.*a game" &&
		FIRST=$PORT
}

map_is_its_owners() {
	says NOT_AUTHORIZED on lan6 "$PCPC" --server $BOX --bind $CLIENT --nonce $OTHER_NONCE map tcp 7000 &&
		says SUCCESS pcpc6 --bind $OTHER --lifetime 0 map tcp 7000 &&
		says ADDRESS_MISMATCH pcpc6 --claim $OTHER --lifetime 0 map tcp 7000 &&
		says ADDRESS_MISMATCH pcpc6 --claim 10.0.0.2 map tcp 7000 &&
		says UNSUPP_OPTION pcpc6 --third-party 10.0.0.2 map tcp 7000 &&
		says CANNOT_PROVIDE pcpc lan1 --out-port "$FIRST" --prefer-failure map tcp 7000 &&
		reached "$FIRST" wan1
}

# The other host of the /64 shares its quota, and its address outside.
subscriber_has_one_quota() {
	ctl port-mapping max-per-host 2 && port6 --bind $OTHER map tcp 7000 && reached "$PORT" wan1 &&
		says 'USER_EX_QUOTA' pcpc6 --bind $OTHER map tcp 7001 &&
		says 'USER_EX_QUOTA' pcpc6 map tcp 7001 &&
		pcpc6 --bind $OTHER --lifetime 0 map tcp 7000 && closed "$PORT" &&
		pcpc6 map tcp 7001 && pcpc6 --lifetime 0 map tcp 7001 && ctl no port-mapping max-per-host
}

# As it sees them, behind the prefix.
filter_by_prefix() {
	port6 --filter 64:ff9b::198.51.100.2 map tcp 7001 && serve lan6 tcp 7001 "$PEER" echo 7001 :: &&
		closed "$PORT" wan1 && reached "$PORT" wan2 &&
		says MALFORMED_OPTION pcpc6 --filter 2001:db8:3::2 map tcp 7002 &&
		pcpc6 --lifetime 0 map tcp 7001 && closed "$PORT" wan2
}

peer_of_a_session() {
	local line port
	line=$(on lan6 "$PEER" ask udp 64:ff9b::192.0.2.2 7000 x 7200) || return
	port=${line#*"$OUTSIDE:"}
	port=${port%%[!0-9]*}
	port6 peer udp 7200 64:ff9b::192.0.2.2 7000 && [ "$PORT" = "$port" ] &&
		listed "udp.*:$port .*\[$CLIENT\]:7200"
}

# A configuration that changes nothing of it, its forward, and the host's other sessions.
lives_through_changes() {
	ctl forward tcp $OUTSIDE:7100 to "[$CLIENT]:7009" && reached "$FIRST" wan1 && ctl no forward tcp $OUTSIDE:7100 &&
		ctl tcp-probe any && reached "$FIRST" wan1 && says SUCCESS pcpc6 map tcp 7000 &&
		says "external=$OUTSIDE:$FIRST" pcpc6 map tcp 7000
}

announced() {
	spawn lan6 "$PCPC" listen 5 1 eth0
	wait_for 3 grep -q listening "$TMP/spawned.log"
	ctl pool other address 203.0.113.77
	wait_for 5 grep -q 'PCP from=fe80.*:5351.*opcode=0 result=0 epoch=0' "$TMP/spawned.log"
	local status=$?
	ctl no pool other
	return $status
}

comes_back() {
	grep -q "inside \[$CLIENT\]:7000" "$FILE" || wait_for 5 grep -q "inside \[$CLIENT\]:7000" "$FILE" || return
	ctl show configuration >"$TMP/conf" && lab stop && lab start --six --config "$TMP/conf" &&
		wait_for 10 listed "$OUTSIDE:$FIRST .*to \[$CLIENT\]:7000" && reached "$FIRST" wan1 &&
		says "external=$OUTSIDE:$FIRST" pcpc6 map tcp 7000
}

cleared() {
	says '0 ports' ctl clear port-mapping inside $OTHER && says '2 ports' ctl clear port-mapping inside $CLIENT tenant default &&
		closed "$FIRST" && unlisted "$CLIENT"
}

# The prefix goes, and with it the door and what came by it.
without_prefix() {
	port6 map tcp 7000 && ctl no nat64 prefix 64:ff9b::/96 && wait_for 5 unlisted "$CLIENT" &&
		says 'no answer' pcpc6 --timeout 0.3 --tries 1 announce && ctl nat64 prefix 64:ff9b::/96 &&
		wait_for 5 says SUCCESS pcpc6 announce
}

outside_is_silent() {
	on wan2 "$PCPC" --server 2001:db8:2::1 --timeout 0.5 --tries 1 announce | grep -q 'no answer' &&
		on wan2 "$PCPC" --server $BOX --timeout 0.5 --tries 1 announce | grep -q 'no answer'
}

begin
need 'lab comes up' lab up --six
need 'servers' starts
need 'nothing is answered unless switched on' switched_off
check 'by the address of the link' asked_by_link
check 'MAP opens a port' map_opens
check "MAP: nobody else's" map_is_its_owners
check 'a /64 has one quota' subscriber_has_one_quota
check 'FILTER names hosts behind the prefix' filter_by_prefix
check 'PEER of a session that is there' peer_of_a_session
check 'changes of the configuration' lives_through_changes
check 'nothing is answered on the outside' outside_is_silent
check 'leases outlive a restart' comes_back
check 'cleared by IPv6 address' cleared
check 'announcements to all nodes' announced
check 'without the prefix there is no door' without_prefix
check 'every packet is accounted for' balanced
finish
