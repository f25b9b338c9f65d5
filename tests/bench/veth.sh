# SPDX-License-Identifier: BSD-3-Clause
#
# The kernel's own NAT beside sluice on the same ports, for scripts/bench.sh, which sources
# this. Two veth pairs lead from a namespace with the generator (net_af_packet) to one with
# the device: nftables masquerade, or sluice over net_af_packet or net_af_xdp, or testpmd io,
# which shows what the ports themselves can do. The generator has CPU ${cpu[0]}, the device CPU
# ${cpu[1]}: for the kernel by RPS, without which it would work on the generator's CPU.

GEN_NS=sluice-bench-gen DUT_NS=sluice-bench-dut

veth_pair() { # NAME GENERATOR-MAC DEVICE-MAC
	ip link add "$1" netns $GEN_NS address "$2" type veth peer name "$1" netns $DUT_NS address "$3" || return
	ip -n $GEN_NS link set "$1" up
	ip -n $DUT_NS link set "$1" up
}

# Fresh namespaces; what is in them says nothing by itself.
veth_up() {
	local ns
	veth_down
	for ns in $GEN_NS $DUT_NS; do
		ip netns add $ns || return
		ip netns exec $ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1 net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.default.rp_filter=0
	done
	veth_pair in 02:00:00:00:01:01 02:00:00:00:00:01 &&
		veth_pair out 02:00:00:00:01:02 02:00:00:00:00:02
}

veth_down() {
	ip netns del $GEN_NS 2>/dev/null
	ip netns del $DUT_NS 2>/dev/null
	return 0
}

# The kernel as the device: the addresses, routes and neighbours that sluice is given too.
kernel_nat() {
	local name
	ip -n $DUT_NS addr add 10.255.255.1/24 dev in &&
		ip -n $DUT_NS addr add 192.0.2.1/24 dev out &&
		ip -n $DUT_NS neigh add 10.255.255.254 lladdr 02:00:00:00:01:01 dev in nud permanent &&
		ip -n $DUT_NS neigh add 192.0.2.254 lladdr 02:00:00:00:01:02 dev out nud permanent &&
		ip -n $DUT_NS route add 10.0.0.0/8 via 10.255.255.254 &&
		ip -n $DUT_NS route add default via 192.0.2.254 &&
		ip netns exec $DUT_NS sysctl -qw net.ipv4.ip_forward=1 \
			net.netfilter.nf_conntrack_max=262144 2>/dev/null
	for name in in out; do
		ip netns exec $DUT_NS sh -c \
			"printf '%x' $((1 << cpu[1])) >/sys/class/net/$name/queues/rx-0/rps_cpus"
	done
	ip netns exec $DUT_NS nft -f - <<-END
		table ip nat {
			chain post {
				type nat hook postrouting priority srcnat;
				oifname "out" masquerade
			}
		}
	END
}

# start_on_veth DEVICE FLOWS
start_on_veth() {
	local n eal command driver=${1#*-}
	n=$(number "$2")
	eal=(-l "${cpu[0]},${cpu[1]}" --main-lcore "${cpu[0]}" --no-pci --file-prefix dut "${memory[@]}"
		--vdev "net_${driver}0,iface=in" --vdev "net_${driver}1,iface=out")
	case $1 in
	kernel)
		kernel_nat
		return
		;;
	sluice-*) sluice_command "${eal[@]}" -- $((n + n / 4 + 4096)) ;;
	io-*) testpmd_command io "${eal[@]}" ;;
	esac
	launch ip netns exec $DUT_NS
}

measure_on_veth() { # DEVICE FLOWS ROUND
	say "    round $3, veth, $2 flows, $1"
	veth_up || { say "NOTE: no veth pair can be made"; return; }
	if start_on_veth "$1" "$2"; then
		generate "veth/$1/$3" "$2" pktblast --setup-pps 100000 ||
			{ say "NOTE: pktblast failed against $1:"; tail -n 3 "$run/blast.log"; }
		end_process "$dut"
		dut=''
	else
		say "NOTE: $1 cannot be had on veth here"
		no_veth+=" $1 "
	fi
	veth_down
}

round_kernel() { # ROUND
	local f name
	inside=(ip netns exec $GEN_NS)
	ports=(--vdev net_af_packet0,iface=in --vdev net_af_packet1,iface=out)
	for f in 1 16K; do
		for name in io-af_packet kernel sluice-af_packet sluice-af_xdp; do
			[[ $no_veth == *" $name "* ]] || measure_on_veth "$name" "$f" "$1"
		done
	done
	memif_ports
}
