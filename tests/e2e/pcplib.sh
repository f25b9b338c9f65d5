# SPDX-License-Identifier: BSD-3-Clause
#
# What the tests of NAT-PMP and PCP have in common; sourced behind lib.sh.

PCPC=$ROOT/tests/e2e/pcpc.py
OUTSIDE=192.0.2.1
GATEWAY=10.0.0.1
NONCE=0102030405060708090a0b0c
OTHER_NONCE=ffffffffffffffffffffffff

# pcpc HOST ARGUMENT...: with the nonce of this test
pcpc() {
	on "$1" "$PCPC" --nonce $NONCE "${@:2}"
}

# pcp_port HOST ARGUMENT...: the outside port that is given, in $PORT
pcp_port() {
	local said
	said=$(pcpc "$@") || { echo "$said"; return 1; }
	PORT=${said##*external=$OUTSIDE:}
	PORT=${PORT%% *}
	[[ $PORT =~ ^[0-9]+$ ]]
}

natpmpc_on() {
	on "$1" natpmpc -g $GATEWAY "${@:2}"
}

# reached PORT HOST [TEXT]: a TCP connection from outside arrives; the server names its client.
reached() {
	says "${3:-hello}" on "$2" timeout 5 "$PEER" ask tcp $OUTSIDE "$1" "${3:-hello}"
}

closed() {
	fails on "${2:-wan1}" timeout 0.7 nc -z -w 1 $OUTSIDE "$1"
}

udp_reached() {
	says hello on "$2" timeout 5 "$PEER" ask udp $OUTSIDE "$1" hello
}

udp_closed() {
	fails on "$2" timeout 0.7 "$PEER" ask udp $OUTSIDE "$1" hello
}

listed() {
	ctl show port-forwards | grep -q "$1"
}

unlisted() {
	! listed "$1"
}

servers() {
	local host
	for host in lan1 lan2 lan3 lan4 wan1 wan2; do
		serve "$host" tcp 7000 "$PEER" echo 7000 || return
	done
	serve lan1 tcp 7001 "$PEER" echo 7001
}
