#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The packages in a Debian 12 that was made for them: installed by apt, started by a systemd that
# is its own machine (systemd-nspawn), with traffic between two namespaces in there, restarted
# under a connection, hung, killed, and removed again.
#
#   scripts/packaging/try.sh [DIRECTORY]      with the packages of this directory (default: built now)
#   KEEP=ROOT scripts/packaging/try.sh        the Debian is made once in ROOT and kept
#
# Root, some 500 MB in /tmp, Debian's mirror as apt has it. Takes some minutes; nothing is left.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../../tests/e2e/lib.sh"

HERE=$ROOT/scripts/packaging
DEBS=${1:-}
MACHINE=sluice-try-$$
TREE=${KEEP:-$TMP/root}
NSPAWN=
LEADER=

# What the test needs beyond the packages' own dependencies.
PACKAGES=systemd,systemd-sysv,dbus,udev,iproute2,iputils-ping,nftables,procps,socat,ethtool,libcap2-bin,apt-utils,kmod,ca-certificates

stop_machine() {
	trap '' INT TERM
	[ -z "$LEADER" ] || kill -s SIGRTMIN+4 "$LEADER" 2>/dev/null
	[ -z "$NSPAWN" ] || wait_for 20 process_gone "$NSPAWN" || end_process "$NSPAWN"
	[ -z "$LEADER" ] || process_gone "$LEADER" || kill -KILL "$LEADER" 2>/dev/null
	rm -rf "$TMP"
}

# inside COMMAND...: as root of the machine.
inside() {
	nsenter -t "$LEADER" -m -u -i -n -p -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
}

mirror() {
	sed -n 's/^URIs: //p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list \
		/etc/apt/sources.list.d/* 2>/dev/null | grep -v security | head -n 1
}

make_tree() {
	[ -x "$TREE/usr/bin/systemctl" ] && return
	debootstrap --variant=minbase --include="$PACKAGES" bookworm "$TREE" "$(mirror)"
}

# By apt, with what they depend on; nothing starts yet.
install_packages() {
	rm -rf "$TREE/debs" && mkdir "$TREE/debs" && cp "$DEBS"/sluice_*.deb "$DEBS"/libsluice*.deb "$TREE/debs/" &&
		cp /etc/resolv.conf "$TREE/etc/" && cp /etc/apt/sources.list.d/* "$TREE/etc/apt/sources.list.d/" &&
		rm -f "$TREE/etc/apt/sources.list" &&
		cp -r /etc/apt/apt.conf.d/. "$TREE/etc/apt/apt.conf.d/" &&
		chroot "$TREE" sh -c 'apt-get update && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --reinstall /debs/sluice_*.deb /debs/libsluice0_*.deb'
}

# Two interfaces that the kernel keeps, with a host behind each; lcores share the processors.
write_machine() {
	cat >"$TREE/etc/default/sluice" <<-END
		EAL_OPTIONS="--lcores $(lcores_for 1) --no-huge -m 512 --no-pci --vdev net_af_packet0,iface=in0 --vdev net_af_packet1,iface=out0"
		SLUICE_OPTIONS="--max-sessions 65536 --yield on"
	END
	cat >"$TREE/root/network.sh" <<-'END'
		set -e
		for side in in:lan:10.0.0.2/24:10.0.0.1 out:wan:192.0.2.254/24:; do
			IFS=: read -r dev ns addr gw <<<"$side"
			ip netns add $ns
			ip link add ${dev}0 type veth peer name eth0 netns $ns
			ip link set ${dev}0 up
			ip -n $ns link set lo up
			ip -n $ns link set eth0 up
			ip -n $ns addr add $addr dev eth0
			[ -z "$gw" ] || ip -n $ns route add default via $gw
		done
		# As bare-metal.md says: the kernel has no say in what the driver takes.
		nft 'table netdev sluice { chain ports { type filter hook ingress devices = { in0, out0 } priority 0; policy drop; }; }'
		for ns in lan wan; do ip netns exec $ns ethtool -K eth0 tx off tso off gso off >/dev/null; done
		ip netns exec wan setsid socat TCP-LISTEN:7000,fork,reuseaddr PIPE >/root/echo.log 2>&1 </dev/null &
	END
	# A connection that says what is written to /root/hold.
	cat >"$TREE/root/hold.sh" <<-'END'
		: >/root/hold; : >/root/held
		setsid sh -c 'tail -f -n +1 /root/hold | ip netns exec lan socat -t 5 - TCP:192.0.2.254:7000 >/root/held' \
			>/root/hold.log 2>&1 </dev/null &
	END
}

boot() {
	# EAL looks for /sys/module, and TAPs have settings below /proc/sys.
	SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes systemd-nspawn -q -D "$TREE" -M "$MACHINE" --register=no --keep-unit --boot --private-network \
		--capability=all --system-call-filter="bpf @raw-io" --bind=/dev/net/tun --bind-ro=/sys/module --link-journal=no \
		--resolv-conf=off >"$TMP/console" 2>&1 </dev/null &
	NSPAWN=$!
	wait_for 20 find_leader || { tail -n 20 "$TMP/console"; return 1; }
	wait_for 60 booted || { tail -n 40 "$TMP/console"; return 1; }
}

find_leader() {
	LEADER=$(pgrep -P "$NSPAWN" | head -n 1)
	[ -n "$LEADER" ] && [ "$(cat "/proc/$LEADER/comm")" = systemd ]
}

booted() {
	case $(inside systemctl is-system-running) in running | degraded) ;; *) false ;; esac
}


# ---- what is looked at ----

property() {
	inside systemctl show -P "$1" sluice
}

is() {
	local got
	got=$(property "$1")
	[ "$got" = "$2" ] || { echo "$1 is '$got', expected '$2'"; inside systemctl status -l --no-pager sluice; return 1; }
}

ping_through() {
	wait_for 10 inside ip netns exec lan ping -n -c 1 -W 1 192.0.2.254 && return
	inside ip link
	inside ip -n lan neigh
	return 1
}

# The kernel answers ARP with them: udevd must not have given the TAPs others.
macs_agree() {
	local port tap
	for port in in0:sluice-in out0:sluice-out; do
		tap=$(inside cat "/sys/class/net/${port#*:}/address")
		[ "$(inside cat "/sys/class/net/${port%:*}/address")" = "$tap" ] || { inside ip link; return 1; }
	done
}

start_unit() {
	inside bash /root/network.sh && inside systemctl start sluice ||
		{ inside journalctl -b -u sluice --no-pager | tail -n 40; return 1; }
	is ActiveState active && is SubState running && is NotifyAccess main && is WatchdogUSec 10s
}

runs_as_sluice() {
	local pid
	pid=$(property MainPID)
	inside grep -E '^(Name|Uid|Cap|NoNewPrivs)' "/proc/$pid/status"
	[ "$(inside ps -o user= -p "$pid")" = sluice ] &&
		[ "$(inside awk '/^CapEff/ { print $2 }' "/proc/$pid/status")" = 0000000000203400 ] || return 1
}

status_text() {
	wait_for 5 has_status && property StatusText
}

has_status() {
	[[ $(property StatusText) == *sessions*links\ up/up ]]
}

hold() {
	inside bash /root/hold.sh && said one
}

# said WORD: written to the connection, and it comes back.
said() {
	inside sh -c "echo $1 >>/root/hold"
	wait_for 10 inside grep -qx "$1" /root/held ||
		{ inside sluicectl show sessions; inside head /root/echo.log /root/hold.log /root/held; return 1; }
}

restart_keeps() {
	local pid
	pid=$(property MainPID)
	inside systemctl restart sluice && is ActiveState active && [ "$(property MainPID)" != "$pid" ] &&
		said two && inside sluicectl show state
}

reload_unit() {
	inside sh -c 'echo "timeout udp 200" >>/etc/sluice/sluice.conf' && inside systemctl reload sluice &&
		says 'timeout udp 200' inside sluicectl show configuration && said three || return
	inside sh -c 'echo "timeout banana" >>/etc/sluice/sluice.conf'
	fails inside systemctl reload sluice && inside sed -i '$d' /etc/sluice/sluice.conf && is ActiveState active
}

wrong_file_is_not_started() {
	inside cp -p /etc/sluice/sluice.conf /root/right
	inside sh -c 'echo "outside adress 192.0.2.1/24" >>/etc/sluice/sluice.conf'
	inside systemctl stop sluice && fails inside systemctl start sluice &&
		says "'adress'" inside journalctl -b -u sluice -n 20 --no-pager &&
		inside cp -p /root/right /etc/sluice/sluice.conf && inside systemctl reset-failed sluice &&
		inside systemctl start sluice && ping_through
}

watchdog() {
	local pid
	pid=$(property MainPID)
	inside kill -STOP "$pid" && wait_for 40 another_pid "$pid" && is ActiveState active && ping_through &&
		says 'Watchdog timeout' inside journalctl -b -u sluice --no-pager
}

another_pid() {
	[ "$(property MainPID)" -gt 0 ] && [ "$(property MainPID)" != "$1" ] && [ "$(property ActiveState)" = active ]
}

killed() {
	local pid
	pid=$(property MainPID)
	inside kill -KILL "$pid" && wait_for 20 another_pid "$pid" && ping_through
}

tenant() {
	inside sluicectl tenant blue vlan 10 && inside sluicectl tenant blue inside address 10.9.0.1/24 &&
		says 10.9.0.1/24 inside ip -n sluice-blue addr show &&
		inside ip -n sluice-blue route add 10.8.0.0/16 via 10.9.0.2 &&
		wait_for 5 says 10.8.0.0/16 inside sluicectl show routes tenant blue &&
		inside sluicectl save && says 'tenant blue vlan 10' cat "$TREE/etc/sluice/sluice.conf"
}

telemetry_socket() {
	inside ls -l /run/dpdk/rte && inside test -S /run/dpdk/rte/dpdk_telemetry.v2
}

once() {
	[ "$(inside journalctl -b -u sluice -o cat "_PID=$(property MainPID)" | grep -c 'control on lcore')" -eq 1 ]
}

stop_unit() {
	inside systemctl stop sluice && is ActiveState inactive && is Result success
}

as_root() {
	inside mkdir -p /etc/systemd/system/sluice.service.d &&
		inside cp /usr/share/doc/sluice/examples/root.conf /etc/systemd/system/sluice.service.d/ &&
		inside systemctl daemon-reload && inside systemctl restart sluice && ping_through &&
		[ "$(inside ps -o user= -p "$(property MainPID)")" = root ] &&
		inside rm -r /etc/systemd/system/sluice.service.d && inside systemctl daemon-reload &&
		inside systemctl restart sluice && ping_through && said four
}

unit_is_right() {
	inside systemd-analyze verify --man=no sluice.service && inside systemd-analyze security --no-pager sluice | tail -n 1
}

manual() {
	local page
	for page in man8/sluice.8 man1/sluicectl.1 man5/sluice.conf.5; do
		[ -s "$TREE/usr/share/man/$page.gz" ] || [ -n "$(inside dpkg -L sluice | grep "$page.gz")" ] || return 1
	done
}

purge() {
	inside env DEBIAN_FRONTEND=noninteractive apt-get purge -y sluice libsluice0 &&
		fails inside test -e /var/lib/sluice && fails inside test -e /etc/sluice/sluice.conf &&
		fails inside systemctl cat sluice
}

need_root
sanitizer_options
trap stop_machine EXIT
trap 'exit 130' INT TERM
for tool in debootstrap systemd-nspawn nsenter; do
	command -v $tool >/dev/null || die "$tool is missing: apt-get install debootstrap systemd-container"
done
if [ -z "$DEBS" ]; then
	DEBS=$TMP/debs
	"$ROOT/scripts/package.sh" "$DEBS" >"$TMP/package.log" 2>&1 || { cat "$TMP/package.log"; die 'no packages'; }
fi
need 'a fresh Debian 12' make_tree
need 'the packages install by apt' install_packages
write_machine
need 'its systemd boots' boot
check 'systemd-analyze finds nothing wrong with the unit' unit_is_right
check 'the manual is there' manual
need 'systemctl start comes back when sluice forwards (Type=notify)' start_unit
check 'it runs as user sluice with four capabilities' runs_as_sluice
check 'a ping goes through' ping_through
check "the exception TAPs have the ports' MAC addresses" macs_agree
check 'systemctl status says how it is' status_text
check "EAL's telemetry is where dpdk-telemetry.py looks" telemetry_socket
check 'a connection that stays' hold
check 'systemctl restart keeps it' restart_keeps
check 'systemctl reload takes a new statement, and refuses a wrong one' reload_unit
check 'a tenant has its network namespace, save writes the file' tenant
check 'a wrong file is not started, and said' wrong_file_is_not_started
check 'the watchdog ends one that hangs, and it comes back' watchdog
check 'one that is killed comes back' killed
check 'the drop-in for root' as_root
check 'each line is in the journal once' once
check 'systemctl stop' stop_unit
check 'purge leaves nothing' purge
inside journalctl -b -u sluice --no-pager >"$TMP/journal" 2>/dev/null
[ "$N_FAILED" -eq 0 ] || tail -n 60 "$TMP/journal"
say "$((N_CHECKS - N_FAILED)) passed, $N_FAILED failed"
[ "$N_FAILED" -eq 0 ]
