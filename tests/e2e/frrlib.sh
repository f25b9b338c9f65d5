# SPDX-License-Identifier: BSD-3-Clause
#
# FRR in namespaces of a lab: zebra and bgpd of a host in a directory of their own. They run as
# user frr, as Debian has them, so it is one that everybody may enter.

FRR=/usr/lib/frr

# frr_start HOST: with the lines of $TMP/frr-HOST.conf for bgpd.
frr_start() {
	local host=$1 dir="$RUN/frr-$1"
	mkdir -p "$dir" && cp "$TMP/frr-$host.conf" "$dir/bgpd.conf" && touch "$dir/zebra.conf" &&
		chown -R frr:frr "$dir" || return
	frr_daemon "$host" zebra && wait_for 5 test -S "$dir/zserv.api" &&
		frr_daemon "$host" bgpd -p 179 && wait_for 5 test -S "$dir/bgpd.vty"
}

frr_daemon() {
	local host=$1 name=$2 dir="$RUN/frr-$1"
	spawn "$host" "$FRR/$name" -u frr -g frr -A 127.0.0.1 -P 0 -z "$dir/zserv.api" \
		-i "$dir/$name.pid" --vty_socket "$dir" -f "$dir/$name.conf" \
		--log "file:$dir/$name.log" "${@:3}"
}

# frr HOST COMMAND: as typed into vtysh.
frr() {
	on "$1" vtysh --vty_socket "$RUN/frr-$1" -c "$2"
}

# bgp_up HOST NEIGHBOR
bgp_up() {
	[ "$(frr "$1" 'show bgp summary json' | jq -r ".ipv4Unicast.peers.\"$2\".state")" = Established ]
}
