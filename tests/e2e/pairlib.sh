# SPDX-License-Identifier: BSD-3-Clause
#
# Two boxes on the same two networks: the second one is that of a lab of its own, $SECOND, whose
# bridges are joined to those of the first. Its addresses are for the caller's configuration.

SECOND=${LAB}b

# box A|B COMMAND...: lab.sh for the lab of that box.
box() {
	local name=$LAB
	[ "$1" = A ] || name=$SECOND
	LAB=$name "$ROOT/scripts/lab.sh" "${@:2}"
}

# The second lab's hosts are not wanted, its bridges become part of the first's.
join_labs() {
	local host side
	for host in lan1 lan2 wan1; do
		ip -n "$SECOND-gw" link del "$host" || return
	done
	for side in in out; do
		ip -n "$LAB-gw" link add "b-$side" type veth peer name "a-$side" netns "$SECOND-gw" || return
		ip netns exec "$LAB-gw" sysctl -qw "net.ipv6.conf.b-$side.disable_ipv6=1"
		ip netns exec "$SECOND-gw" sysctl -qw "net.ipv6.conf.a-$side.disable_ipv6=1"
		ip -n "$LAB-gw" link set "b-$side" master "br-$side" up &&
			ip -n "$SECOND-gw" link set "a-$side" master "br-$side" up || return
	done
}

# second_up CONFIG
second_up() {
	box B up --config "$1" --no-start && join_labs &&
		box B start --config "$1" -- --inside-mac 02:00:00:00:01:02 --outside-mac 02:00:00:00:02:02
}

second_down() {
	LAB=$SECOND "$ROOT/scripts/lab.sh" down >/dev/null 2>&1
	rm -rf "/run/dpdk/$SECOND"
}
