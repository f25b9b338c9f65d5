#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What a carrier asks of a NAT: port blocks, fixed plans and who had a port, shared ports,
# bypass, segment sizes, big datagrams, small links, other protocols, hairpins, and what
# STUN clients find out.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
WAN_ALT=192.0.2.3
FAR=198.51.100.2
CGN=$ROOT/tests/e2e/cgn.py

write_config() {
	cat >"$TMP/cgn.conf" <<-END
		inside address 10.0.0.1/24
		outside address 192.0.2.1/24
		route 0.0.0.0/0 via $WAN
		pool main address 203.0.113.0/30
		pool blk address 203.0.113.4
		pool blk blocks 64
		pool det address 203.0.113.8/31
		pool det deterministic 10.0.0.0/28
		pool shared address 203.0.113.5
		pool shared ports 2000-2015
		pool shared mapping udp endpoint-dependent
		pool shared mapping tcp endpoint-dependent
		pool narrow address 203.0.113.6
		pool narrow ports 2000-2015
	END
}

wan_servers() {
	local big=$TMP/www/file
	mkdir "$TMP/www"
	head -c 10485760 /dev/urandom >"$big"
	ip -n "$LAB-wan1" addr add $WAN_ALT/24 dev eth0
	ip -n "$LAB-wan1" route add 203.0.113.0/24 via 192.0.2.1
	ip -n "$LAB-wan1" route add 10.0.0.0/24 via 192.0.2.1
	serve wan1 tcp 7000 "$PEER" echo 7000 && serve wan2 tcp 7000 "$PEER" echo 7000 &&
		serve wan1 tcp 7010 "$PEER" echo 7010 && serve wan2 tcp 7010 "$PEER" echo 7010 &&
		serve wan2 tcp 8080 "$PEER" web 8080 "$TMP/www"
}

cgn_on() {
	local host=$1
	shift
	on "$host" "$CGN" "$@"
}

# use POOL: new sessions take their ports there.
use() {
	ctl tenant default pool "$1" && ctl clear sessions >/dev/null
}

same_file() {
	[ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]
}

# ---- statements ----

# Read back, what is written makes the same box.
round_trip() {
	local again=$TMP/again.conf
	ctl show configuration >"$again" && cat "$again" || return
	grep -qx 'pool blk blocks 64 max 2' "$again" && grep -qx 'pool det deterministic 10.0.0.0/28' "$again" &&
		grep -qx 'bypass 198.51.100.9/32 udp 53' "$again" && grep -qx 'mss-clamp 1000' "$again" || return
	ctl load "$again" && ctl show configuration | diff "$again" - && ctl load "$TMP/cgn.conf"
}

statements() {
	ctl pool blk blocks 64 max 2 && ctl pool shared drain on && ctl block-idle 20 &&
		ctl mss-clamp 1000 && ctl other-protocols off && ctl bypass 198.51.100.9/32 udp 53 &&
		round_trip
}

wrong_statements() {
	says "'500': not a power of two" ctl pool blk blocks 500 && fails ctl pool blk blocks 500 &&
		says 'pool det is deterministic' ctl pool det blocks 64 &&
		says "'sctp': expected udp or tcp" ctl no pool det mapping sctp &&
		says 'expected an inside network of /8 to /32' ctl pool blk deterministic 0.0.0.0/0
}

plan_shown() {
	local plan
	plan=$(ctl show plan | tr -s ' ') && printf '%s\n' "$plan"
	[[ $plan == *'det deterministic 2 10.0.0.0/28 8 8064 1024'* ]] &&
		[[ $plan == *'blk blocks 1x64 1'* ]] && [[ $plan == *'shared dynamic 1 udp shared tcp shared'* ]]
}

# ---- pools ----

# blocks_of FILE: the blocks of 64 ports that its endpoints lie in.
blocks_of() {
	sort -u "$1" | awk -F: '{ print $1 ":" int($2 / 64) }' | sort -u
}

port_blocks() {
	use blk || return
	cgn_on lan1 ports 40 $WAN:7000 >"$TMP/block1" && cgn_on lan2 ports 40 $FAR:7000 >"$TMP/block2"
	echo "lan1: $(blocks_of "$TMP/block1")   lan2: $(blocks_of "$TMP/block2")"
	[ "$(sort -u "$TMP/block1" | wc -l)" = 40 ] && [ "$(sort -u "$TMP/block2" | wc -l)" = 40 ] &&
		[ "$(blocks_of "$TMP/block1" | wc -l)" = 1 ] && [ "$(blocks_of "$TMP/block2" | wc -l)" = 1 ] &&
		[ "$(blocks_of "$TMP/block1")" != "$(blocks_of "$TMP/block2")" ]
}

subscribers_shown() {
	local shown
	shown=$(ctl show subscribers) && printf '%s\n' "$shown"
	grep -q '10\.0\.0\.2 .*203\.0\.113\.4' <<<"$shown" && grep -q '10\.0\.0\.3 .*203\.0\.113\.4' <<<"$shown"
}

# With its block full a subscriber gets no more, until it may have another block.
full_block() {
	local n before
	before=$(ctl show counters | awk '/^drop_/ { n += $2 } END { print n + 0 }')
	use blk && cgn_on lan1 ports 100 $WAN:7000 >"$TMP/full"
	n=$(sort -u "$TMP/full" | wc -l)
	echo "$n of 100 sockets, drops $before before; $(ctl show counters | grep ^drop_)"
	[ "$n" -le 64 ] && [ "$n" -ge 20 ] && [ "$(blocks_of "$TMP/full" | wc -l)" = 1 ] || return
	ctl pool blk blocks 64 max 2 && cgn_on lan1 ports 60 $FAR:7000 >>"$TMP/full"
	blocks_of "$TMP/full"
	[ "$(blocks_of "$TMP/full" | wc -l)" = 2 ]
}

# in_plan FILE ADDRESS MIN MAX
in_plan() {
	sort -u "$1" | awk -F: -v a="$2" -v min="$3" -v max="$4" '
		$1 != a || $2 < min || $2 > max { print "outside the plan: " $0; bad = 1 }
		END { exit bad || NR < 30 }'
}

# lan1 is number 2 of 16 subscribers, 8 on an address: 1024 + 2 * 8064.
deterministic() {
	use det || return
	cgn_on lan1 ports 60 $WAN:7000 $FAR:7000 >"$TMP/det1" && cgn_on lan2 ports 60 $WAN:7000 >"$TMP/det2"
	in_plan "$TMP/det1" 203.0.113.8 17152 25215 && in_plan "$TMP/det2" 203.0.113.8 25216 33279
}

# Whoever is in the list of endpoints, the plan has to know.
lookup_all() {
	local line out
	while IFS=: read -r addr port; do
		out=$("$@" "$addr" "$port") || { echo "$out"; return 1; }
		[[ $out == *'subscriber 10.0.0.2'* && $out == *'ports 17152-25215'* ]] || { echo "$out"; return 1; }
	done < <(sort -u "$TMP/det1" | head -n 5)
	printf '%s\n' "$out"
}

lookup_online() {
	lookup_all ctl lookup
}

lookup_offline() {
	lookup_all "$BUILD/app/sluicectl" -s /nowhere -c "$TMP/cgn.conf" lookup
}

lookup_time() {
	local ask=("$BUILD/app/sluicectl" -c "$TMP/cgn.conf" lookup 203.0.113.8 17152)
	says "changed $(date -u -r "$TMP/cgn.conf" +%Y-%m-%dT%H:%M:%SZ)" "${ask[@]}" "$(date +%s)" &&
		says 'note the file was changed after 2020-01-02T03:04:05Z' "${ask[@]}" 2020-01-02T04:04:05+01:00 &&
		says "'2026-02-30': expected a time" "${ask[@]}" 2026-02-30 &&
		says 'still to come' "${ask[@]}" 2099-01-01 && fails "${ask[@]}" 2099-01-01 &&
		"$BUILD/app/sluice" --lookup 203.0.113.8:17152@2026-01-01 "$TMP/cgn.conf"
}

lookup_nobody() {
	says 'gives out ports 1024-65535' ctl lookup 203.0.113.8 80 &&
		says 'has no plan' ctl lookup 203.0.113.4 2000 &&
		says 'no pool has this address' ctl lookup 203.0.113.77 2000 &&
		fails ctl lookup 203.0.113.77 2000 &&
		fails "$BUILD/app/sluicectl" -c "$TMP/cgn.conf" lookup 203.0.113.8 80 &&
		[ "$(ctl -j lookup 203.0.113.8 17152 | jq -r .subscriber)" = 10.0.0.2 ]
}

# Sixteen ports serve more sessions than there are of them, as long as the remotes differ.
shared_ports() {
	local few many
	use narrow || return
	cgn_on lan1 ports 24 $WAN:7000 $FAR:7000 $WAN:7010 $FAR:7010 >"$TMP/narrow"
	use shared || return
	cgn_on lan1 ports 24 $WAN:7000 $FAR:7000 $WAN:7010 $FAR:7010 >"$TMP/shared"
	few=$(sort -u "$TMP/narrow" | wc -l) many=$(wc -l <"$TMP/shared")
	echo "endpoint-independent: $few of 24; endpoint-dependent: $many of 24 on $(sort -u "$TMP/shared" | wc -l) ports"
	[ "$few" -le 16 ] || { cat "$TMP/narrow"; return 1; }
	[ "$many" = 24 ] && [ "$(sort -u "$TMP/shared" | wc -l)" -le 16 ]
}

# A shared port lets nobody in who was not asked, whatever the pool's filtering says.
shared_tcp() {
	says 203.0.113.5: peer_on lan1 ask tcp $FAR 7000 hello &&
		says 203.0.113.5: peer_on lan2 ask tcp $FAR 7000 hello
}

# What is there goes on while nothing new is made.
draining() {
	use main && mkfifo "$TMP/hold.in" || return
	ip netns exec "$LAB-lan1" "$PEER" hold $FAR 7000 41000 <"$TMP/hold.in" >"$TMP/hold.out" 2>&1 &
	exec 7>"$TMP/hold.in"
	wait_for 10 grep -q up "$TMP/hold.out" && ctl pool main drain on || return
	echo still >&7
	wait_for 10 grep -q still "$TMP/hold.out" || return
	exec 7>&-
	fails on lan1 timeout 3 "$PEER" ask udp $FAR 7000 new && fails on lan2 timeout 3 "$PEER" ask udp $FAR 7000 new
	local rc=$?
	ctl pool main drain off && says new peer_on lan1 ask udp $FAR 7000 new && return $rc
}

# ---- bypass ----

bypass() {
	use main && says 203.0.113. peer_on lan1 ask tcp $FAR 7000 hello &&
		fails on wan2 ping -c 1 -W 1 10.0.0.2 && ctl bypass 198.51.100.0/24 || return
	says 10.0.0.2: peer_on lan1 ask tcp $FAR 7000 hello && says 10.0.0.2: peer_on lan1 ask udp $FAR 7000 hello &&
		on lan1 curl -sS --max-time 60 -o "$TMP/got" http://$FAR:8080/file && same_file "$TMP/www/file" "$TMP/got" &&
		on wan2 ping -c 1 -W 2 10.0.0.2 && says 203.0.113. peer_on lan1 ask tcp $WAN 7000 hello
}

bypass_one_port() {
	ctl no bypass 198.51.100.0/24 && ctl bypass $FAR tcp 7010 || return
	says 10.0.0.3: peer_on lan2 ask tcp $FAR 7010 hello && says 203.0.113. peer_on lan2 ask tcp $FAR 7000 hello &&
		ctl no bypass $FAR tcp 7010 && says 203.0.113. peer_on lan2 ask tcp $FAR 7010 hello
}

# ---- sizes ----

# syn_mss HOST: the MSS in the next SYN with the given flags that arrives at the host.
watch_mss() {
	on "$1" timeout 10 tcpdump -n -l -c 1 -i eth0 "$2" >"$TMP/mss.$1" 2>"$TMP/mss.$1.err" &
	SPAWNED+=($!)
	wait_for 5 grep -q 'listening on' "$TMP/mss.$1.err"
}

mss_at() {
	wait_for 5 grep -q 'mss ' "$TMP/mss.$1"
	cat "$TMP/mss.$1"
	[ "$(sed -n 's/.*mss \([0-9]*\).*/\1/p' "$TMP/mss.$1")" = "$2" ]
}

mss() {
	ctl mss-clamp 1200 && watch_mss wan1 'dst port 7000 and tcp[13] & 2 != 0' &&
		watch_mss lan1 'src port 7000 and tcp[13] & 18 = 18' || return
	peer_on lan1 ask tcp $WAN 7000 hello && mss_at wan1 1200 && mss_at lan1 1200 && ctl mss-clamp off || return
	watch_mss wan1 'dst port 7000 and tcp[13] & 2 != 0' &&
		peer_on lan1 ask tcp $WAN 7000 hello && mss_at wan1 1460
}

# iperf_udp OPTION...: less than 1 % lost.
iperf_udp() {
	local server
	serve wan1 tcp 5201 iperf3 -s -1 || return
	server=$SPAWNED_PID
	on lan1 timeout 30 iperf3 -c $WAN -u -l 4000 -b 8M -t 2 -J "$@" >"$TMP/iperf.json"
	wait_for 5 process_gone "$server" || end_process "$server"
	jq -c '.error // .end.sum' "$TMP/iperf.json"
	jq -e '.end.sum.packets > 300 and .end.sum.lost_percent < 1' "$TMP/iperf.json"
}

big_datagrams() {
	cgn_on lan1 digest-udp $WAN 7000 4000 50 && cgn_on lan2 digest-udp $FAR 7000 9000 20
}

forget_mtu() {
	local host
	for host in lan1 lan2 wan1 wan2; do
		ip -n "$LAB-$host" route flush cache
	done
}

# The link behind wan1 takes 1280 bytes; wan2 does not say so in its SYN.
small_link() {
	ip -n "$LAB-wan1" link set back mtu 1280 && ip -n "$LAB-wan2" link set eth0 mtu 1280 &&
		ip -n "$LAB-wan2" route change default via 198.51.100.1 advmss 1460
}

small_link_ping() {
	forget_mtu
	says 'From 192.0.2.2 icmp_seq=1 Frag needed and DF set (mtu = 1280)' \
		on lan1 ping -n -c 1 -W 2 -M 'do' -s 1400 $FAR && on lan1 ping -n -c 1 -W 2 -M 'do' -s 1252 $FAR
}

small_link_curl() {
	local answer
	forget_mtu
	answer=$(on lan1 curl -sS --max-time 60 -T "$TMP/www/file" http://$FAR:8080/up) &&
		[ "$answer" = "$(sha256sum <"$TMP/www/file" | cut -d' ' -f1)" ] || return
	says 'mtu 1280' ip -n "$LAB-lan1" route get $FAR &&
		on lan1 curl -sS --max-time 60 -o "$TMP/got" http://$FAR:8080/file && same_file "$TMP/www/file" "$TMP/got"
}

big_link_again() {
	ip -n "$LAB-wan1" link set back mtu 1500 && ip -n "$LAB-wan2" link set eth0 mtu 1500 &&
		ip -n "$LAB-wan2" route change default via 198.51.100.1 && forget_mtu
}

# The same, the small link being the gateway's own: it answers itself.
own_mtu() {
	local before
	ctl outside mtu 1280 && forget_mtu || return
	says 'From 10.0.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1280)' \
		on lan1 ping -n -c 1 -W 2 -M 'do' -s 1400 $WAN || return
	before=$(counter fragments_made)
	on lan2 ping -n -c 2 -i 0.2 -W 2 -M dont -s 1400 $WAN && counter_above fragments_made "$before" &&
		cgn_on lan2 digest-udp $WAN 7000 4000 5
}

own_mtu_curl() {
	local answer
	forget_mtu
	answer=$(on lan2 curl -sS --max-time 60 -T "$TMP/www/file" http://$FAR:8080/up) &&
		[ "$answer" = "$(sha256sum <"$TMP/www/file" | cut -d' ' -f1)" ] && ctl outside mtu 1500 && forget_mtu
}

# ---- other protocols ----

other_protocol() {
	local echo
	spawn wan1 "$CGN" raw-echo "$1"
	echo=$SPAWNED_PID
	wait_for 5 raw_listening "$1"
	says '203.0.113.' cgn_on lan1 raw-ask "$1" $WAN first && says 'ask second' cgn_on lan2 raw-ask "$1" $WAN second &&
		ctl other-protocols off && fails cgn_on lan1 raw-ask "$1" $WAN third
	local rc=$?
	ctl other-protocols on
	end_process "$echo"
	return $rc
}

raw_listening() {
	case $1 in
	udplite) [ -n "$(on wan1 sed 1d /proc/net/udplite)" ] ;;
	*) [ -n "$(on wan1 ss -Hlnw)" ] ;;
	esac
}

# ---- subscribers among themselves ----

# hairpin PROTOCOL: lan1 reaches lan2 by lan2's outside endpoint, and is seen by its own.
hairpin() {
	local meeting found
	ip netns exec "$LAB-lan2" "$CGN" meet "$1" $WAN 7000 42000 </dev/null >"$TMP/meet.$1" 2>&1 &
	meeting=$!
	SPAWNED+=("$meeting")
	wait_for 10 grep -q : "$TMP/meet.$1" || { cat "$TMP/meet.$1"; return 1; }
	found=$(head -n 1 "$TMP/meet.$1")
	echo "lan2 is $found"
	says 203.0.113. peer_on lan1 ask "$1" "${found%:*}" "${found#*:}" hairpin
	local rc=$?
	end_process "$meeting"
	return $rc
}

# ---- STUN ----

# A server with two addresses and two ports, as RFC 5780 wants it.
stun_server() {
	serve wan1 udp 3478 turnserver -n -S --no-tls --no-dtls --no-cli -m 1 -L $WAN -L $WAN_ALT -p 3478 \
		--alt-listening-port 3479 --log-file "$TMP/turn.log" --simple-log --pidfile "$TMP/turn.pid"
}

stun_mapping() {
	says 'NAT with Endpoint Independent Mapping' on lan1 timeout 30 turnutils_natdiscovery -m $WAN
}

# stun_filtering STATEMENT-WORD EXPECTED
stun_filtering() {
	ctl pool main filtering udp "$1" && says "$2" on lan1 timeout 60 turnutils_natdiscovery -f $WAN
}

# stun_client STATEMENT-WORD EXPECTED: the classic client (RFC 3489).
stun_client() {
	ctl pool main filtering udp "$1" && says "$2" on lan1 timeout 60 stun $WAN
}

begin
write_config
need 'lab comes up' lab up --config "$TMP/cgn.conf"
need 'servers start' wan_servers
check 'statements are taken and written back' statements
check 'wrong statements are explained' wrong_statements
check 'show plan tells how pools give ports' plan_shown
check 'a subscriber has its ports from one block, another from another' port_blocks
check 'subscribers are shown with their address' subscribers_shown
check 'a full block is the end, max 2 gives another one' full_block
check 'a deterministic pool keeps to its plan' deterministic
check 'lookup at run time finds the subscriber' lookup_online
check 'lookup from the file alone finds the subscriber' lookup_offline
check 'lookup reads times and says how old the file is' lookup_time
check 'lookup says when nobody has the port' lookup_nobody
check 'endpoint-dependent mapping shares ports' shared_ports
check 'endpoint-dependent mapping of TCP' shared_tcp
check 'a draining pool lets sessions go on and makes none' draining
check 'bypass: the server sees the inside address' bypass
check 'bypass of one port only' bypass_one_port
check 'MSS is clamped both ways' mss
check 'iperf3 with datagrams of 4000 bytes upstream' iperf_udp
check 'iperf3 with datagrams of 4000 bytes downstream' iperf_udp -R
check 'datagrams of 4000 and 9000 bytes come back unharmed' big_datagrams
need 'a link of 1280 bytes behind the router' small_link
check 'path MTU: ping is told 1280' small_link_ping
check 'path MTU: 10 MB each way over the small link' small_link_curl
need 'the link is big again' big_link_again
check 'own MTU of 1280: DF is answered, others are cut' own_mtu
check 'own MTU of 1280: 10 MB upload' own_mtu_curl
for protocol in gre esp sctp udplite; do
	check "$protocol by address alone, and not when switched off" other_protocol $protocol
done
check 'hairpin over UDP' hairpin udp
check 'hairpin over TCP' hairpin tcp
need 'STUN server starts' stun_server
check 'natdiscovery: endpoint-independent mapping' stun_mapping
check 'natdiscovery: endpoint-independent filtering' stun_filtering endpoint-independent \
	'NAT with Endpoint Independent Filtering'
check 'natdiscovery: address-dependent filtering' stun_filtering address-dependent \
	'NAT with Address Dependent Filtering'
check 'natdiscovery: address-and-port-dependent filtering' stun_filtering address-and-port-dependent \
	'NAT with Address and Port Dependent Filtering'
check 'stun: full cone' stun_client endpoint-independent 'Independent Mapping, Independent Filter'
check 'stun: address-restricted' stun_client address-dependent 'Independent Mapping, Address Dependent Filter'
check 'stun: port-restricted' stun_client address-and-port-dependent 'Independent Mapping, Port Dependent Filter'
check 'every packet is accounted for' balanced
finish
