#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# NAT-PMP and PCP over time: restarts with and without a file of leases, with more workers, another
# outside address; the epoch and the announcements that tell hosts of it. lan3 is a tenant's.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pcplib.sh"

epoch_of() {
	local said
	said=$(pcpc lan1 announce) && said=${said##*epoch=} && echo "${said%% *}"
}

# heard KIND: an announcement of that kind, as listened to on lan1
heard() {
	grep -q "^$1 from=$GATEWAY:5351 opcode=128 result=0" "$TMP/heard" ||
		grep -q "^$1 from=$GATEWAY:5351 opcode=0 result=0" "$TMP/heard"
}

listen_on_lan1() {
	ip netns exec "$LAB-lan1" "$PCPC" listen 60 40 </dev/null >"$TMP/heard" 2>&1 &
	SPAWNED+=($!)
	wait_for 5 grep -q listening "$TMP/heard"
}

# Another outside address: everybody is told, and the epoch begins anew.
address_changes() {
	wait_for 5 epoch_above 1 && listen_on_lan1 && ctl pool late address 192.0.2.9 &&
		[ "$(epoch_of)" -le 1 ] && wait_for 5 heard PCP && wait_for 5 heard NAT-PMP &&
		grep -q 'NAT-PMP.*external=192.0.2.9' "$TMP/heard" &&
		says 'Public IP address : 192.0.2.9' natpmpc_on lan1 && ctl no pool late
}

epoch_above() {
	[ "$(epoch_of)" -gt "$1" ]
}

# restart [OPTION...]: with the configuration as it is
restart() {
	ctl show configuration >"$TMP/conf" && lab stop && lab start --tenants --config "$TMP/conf" "$@"
}

# With a file, hosts notice nothing of a restart, but that they are told of the same epoch.
restart_keeps() {
	local blue epoch
	ctl port-mapping file "$TMP/leases" && pcp_port lan3 map tcp 7000 && blue=$PORT &&
		pcp_port lan1 --out-port 8085 --lifetime 3600 map tcp 7000 &&
		natpmpc_on lan2 -a 8082 7000 tcp 3600 && wait_for 5 epoch_above 3 || return
	epoch=$(epoch_of)
	restart && wait_for 5 listed ':8085 .*to 10.0.0.2:7000' && wait_for 5 reached 8085 wan1 &&
		reached 8082 wan2 && reached "$blue" wan2 && epoch_above $((epoch - 1)) &&
		fails says 'left 3600' ctl show port-forwards &&
		says NOT_AUTHORIZED on lan1 "$PCPC" --nonce $OTHER_NONCE map tcp 7000 &&
		says "external=$OUTSIDE:8085" pcpc lan1 map tcp 7000
}

# Other workers own other ports; leases keep theirs, whoever has them.
several_workers() {
	local i host
	restart --workers 3 && wait_for 5 reached 8085 wan1 && reached 8082 wan2 || return
	for i in 1 2 3 4; do
		for host in lan1 lan2; do
			pcp_port $host --out-port $((8100 + i)) map tcp 7000 && reached "$PORT" wan1 &&
				pcp_port $host map udp $((9000 + i)) &&
				pcpc $host --lifetime 0 map udp $((9000 + i)) || return
		done
	done
	pcp_port lan1 --out-port 8105 --prefer-failure map tcp 7001 && reached 8105 wan2 &&
		pcpc lan1 --lifetime 0 map tcp 7001 && closed 8105
}

# Without the file, hosts are told that all is lost.
restart_forgets() {
	wait_for 5 epoch_above 2 && ctl no port-mapping file && restart && listen_on_lan1 &&
		wait_for 5 says SUCCESS pcpc lan1 announce && fails epoch_above 5 && closed 8085 &&
		unlisted ':8085' && wait_for 5 heard PCP && wait_for 5 heard NAT-PMP
}

begin
need 'lab comes up' lab up --tenants
need 'servers' servers
need 'switched on' ctl pcp on
check 'another outside address: epoch and announcements' address_changes
check 'a restart keeps leases, owners and the epoch' restart_keeps
check 'several workers' several_workers
check 'every packet is accounted for with several workers' balanced
check 'a restart without the file begins anew' restart_forgets
finish
