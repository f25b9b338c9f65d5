#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A small network to play in, on one machine, without a NIC:
#
#   lan1 10.0.0.2 ──┐                                              ┌── wan2 198.51.100.2
#                   ├─ br-in ─ inside [sluice] outside ─ br-out ── wan1 192.0.2.2
#   lan2 10.0.0.3 ──┘      10.0.0.1            192.0.2.1           (and 198.51.100.1)
#
# Each host is a network namespace ($LAB-lan1 ...); both bridges and sluice live in
# $LAB-gw. wan1 is a server and the router to wan2. Nothing is made in the machine's
# own namespace but the directory /run/$LAB-lab with configuration, log and socket.
#
# With --tenants there are three more clients of the same address, each in a VLAN and a
# tenant of its own: lan3 (10, tenant blue), lan4 (20, red), lan5 (30 with inner 7, green).
# They hang on lab_vlan.py, which tags their frames and has its trunk in br-in.
#
# With --six there is IPv6 as well, X in 2001:db8:1::X and 2001:db8:2::X being the last number
# of the IPv4 address, and one more client, lan6 2001:db8:1::6, that has nothing else: it
# reaches IPv4 by NAT64 (64:ff9b::/96), IPv6 by native routing. wan2 is 2001:db8:3::2.
#
#   lab.sh up [--af-packet] [--workers N] [--lcores LIST] [--config FILE] [--no-start]
#             [--tenants] [--six] [--build DIR] [--vdev DEVICE --vdev DEVICE] [-- SLUICE-OPTION...]
#   lab.sh start [options as for up] | stop       sluice alone, the network stays
#   lab.sh unplug PORT | plug PORT                pin or pout: with --af-packet its interface goes, comes
#   lab.sh exec HOST COMMAND...                   HOST: gw lan1 lan2 wan1 wan2 (lan3 ... lan6),
#                                                 or @blue: where tenant blue's kernel is
#   lab.sh shell HOST
#   lab.sh ctl STATEMENT...                       as in: lab.sh ctl show sessions
#   lab.sh status
#   lab.sh down
#
# LAB=name gives the lab another name, so that several can exist side by side.
# Ports are net_tap; with --af-packet they are net_af_packet on veth pairs, with --vdev
# whatever is given, inside first, and its other end is the caller's.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

LAB=${LAB:-sluice}
RUN=/run/$LAB-lab
HOSTS=(gw lan1 lan2 wan1 wan2)
TENANT_HOSTS=(lan3 lan4 lan5)
SIX_HOSTS=(lan6)
PREFIX=${LAB:0:11} # of the tenants' namespaces, as long as sluice's --tap-prefix may be

usage() {
	sed -n '/^#   lab.sh up/,/^# LAB=/p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//'
	exit 2
}

in_host() {
	local host=$1
	shift
	case $host in
	@*) ip netns exec "$PREFIX-${host#@}" "$@" ;;
	*) ip netns exec "$LAB-$host" "$@" ;;
	esac
}

host_exists() {
	ip netns list | grep -q "^$LAB-$1\b"
}

# ---- the network ----

# Ports that tests choose themselves are not given to anybody else.
host_add() {
	ip netns add "$LAB-$1" || return
	in_host "$1" sysctl -qw net.ipv4.ip_local_reserved_ports=40000-42999,51413-51415
	ip -n "$LAB-$1" link set lo up
}

# The kernel of the gateway namespace only switches frames: sluice does the rest.
gateway_sysctls() {
	in_host gw sysctl -qw net.ipv4.ip_forward=0
}

# switch_port DEVICE: let the kernel's own IP stack stay away from a device of the gateway.
switch_port() {
	local dev=$1
	in_host gw sysctl -qw "net.ipv6.conf.$dev.disable_ipv6=1" \
		"net.ipv4.conf.$dev.arp_ignore=8" "net.ipv4.conf.$dev.rp_filter=1"
}

bridge_add() {
	ip -n "$LAB-gw" link add "$1" type bridge stp_state 0 forward_delay 0 mcast_snooping 0 || return
	switch_port "$1"
	ip -n "$LAB-gw" link set "$1" up
}

# host_plug HOST ADDRESS ROUTER BRIDGE: one leg into a bridge of the gateway.
host_plug() {
	local host=$1 addr=$2 router=$3 bridge=$4
	ip -n "$LAB-gw" link add "$host" type veth peer name eth0 netns "$LAB-$host" || return
	switch_port "$host"
	ip -n "$LAB-gw" link set "$host" master "$bridge" up
	offload_off "$host" eth0
	ip -n "$LAB-$host" addr add "$addr" dev eth0
	ip -n "$LAB-$host" link set eth0 up
	[ -z "$router" ] || ip -n "$LAB-$host" route add default via "$router"
}

# A checksum left to hardware that does not exist would reach sluice unfinished.
offload_off() {
	local host=$1 dev=$2
	in_host "$host" ethtool -K "$dev" tx off tso off gso off gro off >/dev/null 2>&1
}

wan_router() {
	ip -n "$LAB-wan1" link add back type veth peer name eth0 netns "$LAB-wan2" || return
	ip -n "$LAB-wan1" addr add 198.51.100.1/24 dev back
	ip -n "$LAB-wan1" link set back up
	ip -n "$LAB-wan2" addr add 198.51.100.2/24 dev eth0
	ip -n "$LAB-wan2" link set eth0 up
	ip -n "$LAB-wan2" route add default via 198.51.100.1
	offload_off wan1 back
	offload_off wan2 eth0
	in_host wan1 sysctl -qw net.ipv4.ip_forward=1
}

# six_add HOST ADDRESS [ROUTER [DEVICE]]: without duplicate address detection, which takes time.
six_add() {
	ip -n "$LAB-$1" addr add "$2" dev "${4:-eth0}" nodad || return
	[ -z "${3:-}" ] || ip -n "$LAB-$1" route add default via "$3"
}

# IPv6 for all, and the client that has nothing else. Addresses are these, whoever advertises others.
six_up() {
	local host
	host_add lan6 && in_host lan6 sysctl -qw net.ipv6.conf.default.accept_dad=0 &&
		host_plug lan6 2001:db8:1::6/64 '' br-in &&
		ip -n "$LAB-lan6" route add default via 2001:db8:1::1 &&
		six_add lan1 2001:db8:1::2/64 2001:db8:1::1 &&
		six_add lan2 2001:db8:1::3/64 2001:db8:1::1 &&
		six_add wan1 2001:db8:2::2/64 2001:db8:2::1 &&
		six_add wan1 2001:db8:3::1/64 '' back &&
		six_add wan2 2001:db8:3::2/64 2001:db8:3::1 &&
		in_host wan1 sysctl -qw net.ipv6.conf.all.forwarding=1 || return
	for host in lan1 lan2 lan6; do
		in_host "$host" sysctl -qw net.ipv6.conf.eth0.accept_ra=0 || return
	done
	touch "$RUN/six"
}

# tenant_client HOST: what host_plug does, but behind the switch.
tenant_client() {
	ip -n "$LAB-$1" addr add 10.0.0.2/24 dev eth0 &&
		ip -n "$LAB-$1" link set eth0 up &&
		ip -n "$LAB-$1" route add default via 10.0.0.1
}

switch_ready() {
	ip -n "$LAB-lan5" link show eth0
}

# The switch of the tenants and their clients.
tenants_up() {
	local host
	for host in "${TENANT_HOSTS[@]}"; do
		host_add "$host" || return
	done
	setsid "$ROOT/scripts/lab_vlan.py" "$LAB-gw/trunk" "$LAB-lan3/eth0=10" "$LAB-lan4/eth0=20" \
		"$LAB-lan5/eth0=30.7" >>"$RUN/switch.log" 2>&1 </dev/null &
	echo $! >"$RUN/switch.pid"
	wait_for 10 switch_ready || { cat "$RUN/switch.log"; return 1; }
	switch_port trunk && ip -n "$LAB-gw" link set trunk master br-in up || return
	for host in "${TENANT_HOSTS[@]}"; do
		tenant_client "$host" || return
	done
}

network_up() {
	local host
	for host in "${HOSTS[@]}"; do
		host_add "$host" || return
	done
	gateway_sysctls &&
		bridge_add br-in && bridge_add br-out &&
		host_plug lan1 10.0.0.2/24 10.0.0.1 br-in &&
		host_plug lan2 10.0.0.3/24 10.0.0.1 br-in &&
		host_plug wan1 192.0.2.2/24 '' br-out &&
		wan_router
}

network_down() {
	local host pid
	[ ! -f "$RUN/switch.pid" ] || end_process "$(cat "$RUN/switch.pid")"
	for host in "${HOSTS[@]}" "${TENANT_HOSTS[@]}" "${SIX_HOSTS[@]}"; do
		host_exists "$host" || continue
		for pid in $(ip netns pids "$LAB-$host"); do
			end_process "$pid" 1
		done
		ip netns del "$LAB-$host"
	done
	# What a sluice that was killed could not remove.
	for host in "/run/netns/$PREFIX-"*; do
		[ ! -e "$host" ] || ip netns del "$(basename "$host")"
	done
}

# ---- the ports ----

# af_packet_port PORT BRIDGE: sluice gets one end of a veth pair, the bridge the other.
af_packet_port() {
	ip -n "$LAB-gw" link add "$1" type veth peer name "$1-sw" || return
	switch_port "$1"
	switch_port "$1-sw"
	offload_off gw "$1"
	offload_off gw "$1-sw"
	ip -n "$LAB-gw" link set "$1-sw" master "$2" up
	ip -n "$LAB-gw" link set "$1" up promisc on
}

af_packet_ports() {
	ip -n "$LAB-gw" link show pin >/dev/null 2>&1 ||
		{ af_packet_port pin br-in && af_packet_port pout br-out; }
}

# tap_port TAP BRIDGE: the kernel's end of a net_tap port goes into the bridge, under
# another address than the port's own: a bridge keeps frames for its members' addresses.
tap_port() {
	local tap=$1 mac
	printf -v mac '02:00:00:%02x:%02x:%02x' $((RANDOM % 256)) $((RANDOM % 256)) $((RANDOM % 256))
	ip -n "$LAB-gw" link set "$tap" address "$mac" && switch_port "$tap" &&
		ip -n "$LAB-gw" link set "$tap" master "$2" up
}

# ---- sluice ----

default_config() {
	cat <<-END
		# written by lab.sh
		inside address 10.0.0.1/24
		outside address 192.0.2.1/24
		route 0.0.0.0/0 via 192.0.2.2
	END
	[ -z "$SIX" ] || cat <<-END
		inside address 2001:db8:1::1/64
		outside address 2001:db8:2::1/64
		route ::/0 via 2001:db8:2::2
		nat64 prefix 64:ff9b::/96
		ipv6 route
	END
	[ -z "$TENANTS" ] || cat <<-END
		tenant blue vlan 10
		tenant blue inside address 10.0.0.1/24
		tenant red vlan 20
		tenant red inside address 10.0.0.1/24
		tenant green vlan 30 inner 7
		tenant green inside address 10.0.0.1/24
	END
}

parse_start_options() {
	BUILD=${SLUICE_BUILD:-$ROOT/build} AF_PACKET='' VDEVS=() LCORES='' CONFIG='' START=yes EXTRA=()
	TENANTS=$([ ! -f "$RUN/switch.pid" ] || echo yes)
	SIX=$([ ! -f "$RUN/six" ] || echo yes)
	while [ $# -gt 0 ]; do
		case $1 in
		--af-packet) AF_PACKET=yes ;;
		--vdev) VDEVS+=(--vdev "$2") && shift ;;
		--workers) LCORES=$(lcores_for "$2") && shift ;;
		--lcores) LCORES=$2 && shift ;;
		--config) CONFIG=$2 && shift ;;
		--build) BUILD=$2 && shift ;;
		--no-start) START='' ;;
		--tenants) TENANTS=yes ;;
		--six) SIX=yes ;;
		--)
			shift
			EXTRA=("$@")
			break
			;;
		*) usage ;;
		esac
		shift
	done
	[ -n "$LCORES" ] || LCORES=$(lcores_for 1)
}

vdev_options() {
	if [ ${#VDEVS[@]} -gt 0 ]; then
		printf '%s\n' "${VDEVS[@]}"
	elif [ -n "$AF_PACKET" ]; then
		printf '%s\n' --vdev net_af_packet0,iface=pin --vdev net_af_packet1,iface=pout
	else
		printf '%s\n' --vdev net_tap0,iface=dtap0 --vdev net_tap1,iface=dtap1
	fi
}

sluice_pid() {
	cat "$RUN/sluice.pid" 2>/dev/null
}

# launch PROGRAM [ARGUMENT...]: in the background, in the gateway, with the lab's EAL options.
# (ip netns exec would give it mounts of its own, and nobody saw the tenants' namespaces.)
launch() {
	local vdevs memory
	mapfile -t vdevs < <(vdev_options)
	mapfile -t memory < <(memory_options)
	setsid nsenter --net="/run/netns/$LAB-gw" "$1" --lcores "$LCORES" "${memory[@]}" --no-pci \
		--file-prefix "$LAB" "${vdevs[@]}" "${@:2}" >>"$RUN/sluice.log" 2>&1 </dev/null &
	echo $! >"$RUN/sluice.pid"
}

sluice_answers_or_died() {
	process_gone "$(sluice_pid)" || ctl show configuration
}

start() {
	process_alive "$(sluice_pid)" && die "sluice is already running in lab $LAB"
	[ -x "$BUILD/app/sluice" ] || die "no $BUILD/app/sluice: build it first (meson setup build && ninja -C build)"
	if [ -n "$CONFIG" ]; then
		[ "$CONFIG" -ef "$RUN/sluice.conf" ] || cp "$CONFIG" "$RUN/sluice.conf" || return
	else
		default_config >"$RUN/sluice.conf"
	fi
	printf '%s\n' "$BUILD" >"$RUN/build"
	[ -z "$AF_PACKET" ] || af_packet_ports || return
	# The programs around it want the processors too; --yield off among the options says otherwise.
	launch "$BUILD/app/sluice" -- --yield on --socket "$RUN/ctl" --inside-mac 02:00:00:00:01:01 \
		--outside-mac 02:00:00:00:02:01 ${TENANTS:+--tap-prefix "$PREFIX"} "${EXTRA[@]}" \
		"$RUN/sluice.conf"
	if ! wait_for 30 sluice_answers_or_died || process_gone "$(sluice_pid)"; then
		tail -n 20 "$RUN/sluice.log" >&2
		die "sluice did not start; its last words are above"
	fi
	[ -n "$AF_PACKET" ] || [ ${#VDEVS[@]} -gt 0 ] || { tap_port dtap0 br-in && tap_port dtap1 br-out; }
}

stop() {
	local pid
	pid=$(sluice_pid)
	[ -z "$pid" ] || end_process "$pid"
	rm -f "$RUN/sluice.pid" "$RUN/ctl"
}

ctl() {
	"$(cat "$RUN/build")/app/sluicectl" -s "$RUN/ctl" "$@"
}

# ---- commands ----

up() {
	need_root
	parse_start_options "$@"
	host_exists gw && die "lab $LAB is up already: scripts/lab.sh down"
	mkdir -p "$RUN"
	trap 'down' EXIT
	trap 'exit 130' INT TERM
	network_up || die "could not make the network"
	[ -z "$TENANTS" ] || tenants_up || die "could not make the tenants' network"
	[ -z "$SIX" ] || six_up || die "could not make the IPv6 network"
	[ -z "$START" ] || start || exit
	trap - EXIT INT TERM
}

down() {
	need_root
	[ ! -d "$RUN" ] || stop
	network_down
	rm -rf "$RUN" "/run/dpdk/$LAB"
}

status() {
	local host
	[ ! -f "$RUN/switch.pid" ] || HOSTS+=("${TENANT_HOSTS[@]}")
	[ ! -f "$RUN/six" ] || HOSTS+=("${SIX_HOSTS[@]}")
	for host in "${HOSTS[@]}"; do
		if host_exists "$host"; then
			printf '%-16s %s\n' "$LAB-$host" "$(ip -n "$LAB-$host" -br -4 addr | awk '$1 != "lo" { printf "%s ", $3 }')"
		else
			printf '%-16s absent\n' "$LAB-$host"
		fi
	done
	if process_alive "$(sluice_pid)"; then
		say "sluice           running, process $(sluice_pid), log $RUN/sluice.log"
	else
		say "sluice           not running"
		return 1
	fi
}

main() {
	local command=${1:-}
	[ $# -eq 0 ] || shift
	case $command in
	up) up "$@" ;;
	start) parse_start_options "$@" && start ;;
	stop) stop ;;
	down) down ;;
	unplug) [ "$*" = pin ] || [ "$*" = pout ] || usage && ip -n "$LAB-gw" link del "$1" ;;
	plug) [ "$*" = pin ] || [ "$*" = pout ] || usage && af_packet_port "$1" "br-${1#p}" ;;
	exec) [ $# -ge 2 ] || usage && in_host "$@" ;;
	shell) [ $# -eq 1 ] || usage && in_host "$1" "${SHELL:-/bin/bash}" ;;
	ctl) ctl "$@" ;;
	status) status ;;
	*) usage ;;
	esac
}

main "$@"
