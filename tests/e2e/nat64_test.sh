#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# NAT64 with ordinary programs: a client that has IPv6 only (lan6) reaches servers that have
# IPv4 only, by address, by name (unbound's dns64) and, with a CLAT (tayga), by IPv4 again.
set -u
. "$(dirname "$0")/lib.sh"

PREFIX=64:ff9b::
WAN=192.0.2.2
FAR=198.51.100.2
CLIENT=2001:db8:1::6
ETC=/etc/netns/$LAB-lan6 # where ip-netns(8) looks for a resolv.conf of lan6

# On the server's side of the box nothing of this test is IPv6 but what is said to be.
servers() {
	mkdir "$TMP/www"
	head -c 5242880 /dev/urandom >"$TMP/www/file"
	serve wan1 tcp 8080 "$PEER" web 8080 "$TMP/www" && serve wan2 tcp 80 "$PEER" web 80 "$TMP/www" &&
		serve wan2 tcp 7000 "$PEER" echo 7000 && serve wan1 tcp 7000 "$PEER" echo 7000 &&
		serve lan6 tcp 7000 "$PEER" echo 7000 :: && serve lan1 tcp 7000 "$PEER" echo 7000 &&
		serve wan2 tcp 7006 "$PEER" echo 7006 ::
}

ping_ok() {
	on "$1" ping -n -c 3 -i 0.2 -W 2 "${@:3}" "$2"
}

# Hops to wan2 by NAT64: the box's own inside address, the router and the target behind the prefix.
trace_ok() {
	local hops want="2001:db8:1::1 ${PREFIX}c000:202 ${PREFIX}c633:6402 "
	hops=$(on lan6 traceroute -6 -n -q 1 -w 2 -m 6 "$@" $PREFIX$FAR | awk 'NR > 1 { printf "%s ", $2 }')
	echo "hops: $hops"
	[ "$hops" = "$want" ]
}

same_file() {
	cmp "$TMP/www/file" "$1"
}

# download HOST URL OPTION...
download() {
	rm -f "$TMP/got"
	on "$1" curl -sS --max-time 40 -o "$TMP/got" "${@:3}" "$2" && same_file "$TMP/got"
}

upload() {
	local answer
	answer=$(on "$1" curl -sS --max-time 40 -T "$TMP/www/file" "$2") &&
		[ "$answer" = "$(sha256sum <"$TMP/www/file" | cut -d' ' -f1)" ]
}

iperf_run() {
	local condition=$1 server
	shift
	serve wan1 tcp 5201 iperf3 -s -1 || return
	server=$SPAWNED_PID
	on lan6 timeout 30 iperf3 -6 -c $PREFIX$WAN -t 1 -J "$@" >"$TMP/iperf.json"
	wait_for 5 process_gone "$server" || end_process "$server"
	jq -c '.error // .end.sum // .end.sum_received' "$TMP/iperf.json"
	jq -e "$condition" "$TMP/iperf.json"
}

iperf_tcp() {
	iperf_run '.end.sum_received.bits_per_second > 5e6' "$@"
}

iperf_udp() {
	iperf_run '.end.sum.packets > 500 and .end.sum.lost_percent < 1' -u -b 10M "$@"
}

# ---- path MTU ----

forget_paths() {
	on lan6 ip -6 route flush cache
	on wan1 ip route flush cache
	on wan2 ip route flush cache
}

path_is() {
	on "$1" ip -o route get "$2" | grep -q "mtu $3\b"
}

# narrow_outside LINK PATH: behind the box a link of so many bytes, of which its sender hears by
# Packet Too Big; wan2 does not know, so that no MSS tells it.
narrow_outside() {
	local status=0
	forget_paths
	ip -n "$LAB-wan1" link set back mtu "$1"
	upload lan6 "http://[$PREFIX$FAR]:80/up" && path_is lan6 $PREFIX$FAR "$2" || status=1
	on lan6 ip -6 -o route get $PREFIX$FAR
	ip -n "$LAB-wan1" link set back mtu 1500
	return $status
}

# Below what IPv6 promises the sender hears of 1280, and routers may cut its packets.
tiny_outside() {
	local status=0
	forget_paths
	ip -n "$LAB-wan1" link set back mtu 1000
	upload lan6 "http://[$PREFIX$FAR]:80/up" && path_is lan6 $PREFIX$FAR 1280 || status=1
	ip -n "$LAB-wan1" link set back mtu 1500
	# Such a link has had to do without IPv6.
	ip -n "$LAB-wan1" addr add 2001:db8:3::1/64 dev back nodad
	return $status
}

# narrow_inside MTU: the inside link takes no more, and 20 bytes less is what wan1 is told.
narrow_inside() {
	local status=0
	forget_paths
	ctl inside mtu "$1"
	download lan6 "http://[$PREFIX$WAN]:8080/file" && path_is wan1 192.0.2.1 $(($1 - 20)) || status=1
	on wan1 ip -o route get 192.0.2.1
	ctl inside mtu 1500
	return $status
}

# Datagrams that leave in fragments and come back in fragments.
big_udp() {
	local text
	forget_paths
	text=$(printf 'x%.0s' {1..4000})
	says "$text" peer_on lan6 ask udp $PREFIX$FAR 7000 "$text" &&
		says "$text" peer_on lan6 ask udp $PREFIX$WAN 7000 "$text"
}

big_ping() {
	ping_ok lan6 $PREFIX$WAN -s 1452 -M 'do' && ping_ok lan6 $PREFIX$FAR -s 3000
}

# ---- names ----

# As README.md has it: unbound where clients find it, its answers those of a server outside.
dns64() {
	serve wan1 udp 53 dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root \
		--no-resolv --no-hosts --listen-address=$WAN --bind-interfaces --local=/sluice.example/ \
		--host-record=www.sluice.example,$FAR --host-record=six.sluice.example,2001:db8:3::2 || return
	cat >"$TMP/unbound.conf" <<-CONF
		server:
		  interface: 2001:db8:1::2
		  access-control: 2001:db8:1::/64 allow
		  module-config: "dns64 iterator"
		  dns64-prefix: 64:ff9b::/96
		  use-syslog: no
		  chroot: ""
		  username: ""
		  directory: "$TMP"
		  pidfile: ""
		  do-not-query-localhost: no
		remote-control:
		  control-enable: no
		forward-zone:
		  name: "."
		  forward-addr: $WAN
	CONF
	mkdir -p "$ETC" && echo 'nameserver 2001:db8:1::2' >"$ETC/resolv.conf"
	serve lan1 udp 53 unbound -d -c "$TMP/unbound.conf"
}

by_name() {
	[ "$(on lan6 dig +short AAAA www.sluice.example)" = "${PREFIX}c633:6402" ] &&
		download lan6 http://www.sluice.example/file
}

# What has an IPv6 address is reached there.
native_name() {
	[ "$(on lan6 dig +short AAAA six.sluice.example)" = 2001:db8:3::2 ] &&
		says "$CLIENT" peer_on lan6 ask tcp 2001:db8:3::2 7006 hello
}

# As README.md has it, too: bind, which asks the same server.
bind_dns64() {
	mkdir "$TMP/named" && chmod a+rwx "$TMP/named"
	cat >"$TMP/named.conf" <<-CONF
		options {
			directory "$TMP/named";
			pid-file none;
			session-keyfile none;
			listen-on { none; };
			listen-on-v6 { 2001:db8:1::3; };
			allow-query { 2001:db8:1::/64; };
			dns64 64:ff9b::/96 { clients { 2001:db8:1::/64; }; };
			forwarders { $WAN; };
			forward only;
			dnssec-validation no;
		};
		controls { };
	CONF
	serve lan2 udp 53 named -f -c "$TMP/named.conf" &&
		[ "$(on lan6 dig +short AAAA www.sluice.example @2001:db8:1::3)" = "${PREFIX}c633:6402" ] &&
		[ "$(on lan6 dig +short AAAA six.sluice.example @2001:db8:1::3)" = 2001:db8:3::2 ]
}

# ---- 464XLAT ----

# The CLAT has a network of its own (RFC 6877 section 6.3), which is routed to the client. (tayga
# keeps to the letter about the well-known prefix and documentation addresses.)
clat() {
	mkdir "$TMP/tayga"
	cat >"$TMP/tayga.conf" <<-CONF
		tun-device clat
		ipv4-addr 192.0.0.3
		ipv6-addr 2001:db8:64::3
		prefix 2001:db8:ff9b::/96
		map 192.0.0.2 2001:db8:64::2
		data-dir $TMP/tayga
	CONF
	ctl nat64 prefix 2001:db8:ff9b::/96 && ctl route 2001:db8:64::/64 via $CLIENT &&
		on lan6 sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1 || return
	spawn lan6 tayga -d -n -c "$TMP/tayga.conf"
	wait_for 10 ip -n "$LAB-lan6" link set clat up &&
		ip -n "$LAB-lan6" addr add 192.0.0.2/32 dev clat &&
		ip -n "$LAB-lan6" route add default dev clat mtu 1260 src 192.0.0.2 &&
		ip -n "$LAB-lan6" route add 2001:db8:64::/64 dev clat
}

clat_works() {
	ping_ok lan6 $FAR && download lan6 http://$FAR/file && says 192.0.2.1: peer_on lan6 ask udp $WAN 7000 x &&
		says '[2001:db8:64::2]' ctl show sessions inside 2001:db8:64::/64
}

# ---- state ----

# One inside endpoint keeps its outside endpoint towards every destination.
same_mapping() {
	local a b
	a=$(peer_on lan6 ask udp $PREFIX$FAR 7000 x 40001 | head -1)
	b=$(peer_on lan6 ask udp $PREFIX$WAN 7000 x 40001 | head -1)
	echo "towards $FAR as $a, towards $WAN as $b"
	[[ $a == 192.0.2.1:* ]] && [ "$a" = "$b" ]
}

shown() {
	says "[$CLIENT]:40001" ctl show sessions inside $CLIENT &&
		says "[$CLIENT]:40001" ctl show mappings inside "[$CLIENT]:40001" proto udp &&
		says '0 sessions' ctl show sessions inside 2001:db8:9::/64 count &&
		says '2001:db8:1::/64 nat 192.0.2.1' ctl show subscribers inside 2001:db8:1::/64 &&
		ctl -j show sessions inside $CLIENT proto udp | jq -e '.sessions[0].nat64 == "64:ff9b::/96"'
}

cleared() {
	ctl clear sessions inside $CLIENT && says '0 sessions' ctl show sessions inside $CLIENT count
}

# A forward is a static BIB entry.
forwards() {
	ctl forward tcp 192.0.2.1:7100 to "[$CLIENT]:7000" &&
		ctl forward udp 192.0.2.1:7100 to "[$CLIENT]:7000" &&
		says "${PREFIX}c000:202" on wan1 "$PEER" ask tcp 192.0.2.1 7100 hello &&
		says "${PREFIX}c633:6402" on wan2 "$PEER" ask udp 192.0.2.1 7100 hello &&
		says "192.0.2.1:7100 to [$CLIENT]:7000" ctl show forwards
}

# From IPv4 and IPv6 clients to servers of either kind, by the outside address.
hairpin() {
	ctl forward tcp 192.0.2.1:7101 to 10.0.0.2:7000 &&
		says hello peer_on lan6 ask tcp ${PREFIX}192.0.2.1 7101 hello &&
		says hello peer_on lan2 ask tcp ${PREFIX}192.0.2.1 7100 hello &&
		says hello peer_on lan2 ask tcp 192.0.2.1 7100 hello &&
		says hello peer_on lan6 ask udp ${PREFIX}192.0.2.1 7100 hello
}

refused_port() {
	says refused on lan6 timeout 5 nc -vz $PREFIX$FAR 9 &&
		says refused on lan6 timeout 5 "$PEER" ask udp $PREFIX$FAR 9 hello
}

# A private address must not be reached by the well-known prefix (RFC 6052 section 3.1).
private_is_hidden() {
	fails on lan6 ping -n -c 1 -W 1 ${PREFIX}10.0.0.2
}

another_prefix() {
	ctl nat64 prefix 2001:db8:64:ff00::/64 && ping_ok lan6 2001:db8:64:ff00:c0:2:200:: &&
		says 2001:db8:64:ff00::/64 ctl show configuration && ctl no nat64 prefix 2001:db8:64:ff00::/64 &&
		fails on lan6 ping -n -c 1 -W 1 2001:db8:64:ff00:c0:2:200::
}

# ---- FTP ----

# The server knows IPv4 alone, and so that nobody tries, EPSV and EPRT are no commands of it.
ftp_server() {
	mkdir -p "$TMP/ftp/incoming" "$TMP/empty"
	cp "$TMP/www/file" "$TMP/ftp/file"
	chown ftp "$TMP/ftp/incoming"
	chmod a+x "$TMP" && chmod -R a+rX "$TMP/ftp"
	printf '%s\n' listen=YES background=NO anonymous_enable=YES anon_root="$TMP/ftp" \
		write_enable=YES anon_upload_enable=YES anon_umask=022 no_anon_password=YES \
		connect_from_port_20=YES secure_chroot_dir="$TMP/empty" seccomp_sandbox=NO \
		isolate=NO isolate_network=NO cmds_denied=EPSV,EPRT >"$TMP/vsftpd.conf"
	serve wan1 tcp 21 vsftpd "$TMP/vsftpd.conf"
}

# ftp_both HOST URL OPTION...: there and back.
ftp_both() {
	rm -f "$TMP/ftp/incoming/file"
	download "$1" "$2/file" "${@:3}" &&
		on "$1" curl -sS --max-time 40 "${@:3}" -T "$TMP/www/file" "$2/incoming/file" &&
		cmp "$TMP/www/file" "$TMP/ftp/incoming/file"
}

# By what the client thinks are EPSV and EPRT.
ftp_all() {
	ftp_both lan6 "ftp://[$PREFIX$WAN]" && ftp_both lan6 "ftp://[$PREFIX$WAN]" -P -
}

# The box answers, and has them pass when it is told to: then this server knows neither.
ftp_status() {
	local url="ftp://[$PREFIX$WAN]/file"
	says '216 EPSV EPRT' on lan6 curl -sv --max-time 20 -o "$TMP/got" -Q 'ALGS STATUS64' "$url" && same_file "$TMP/got" &&
		says '216 NONE' on lan6 curl -sv --max-time 20 -o "$TMP/got" -Q 'ALGS DISABLE64' "$url" &&
		fails on lan6 curl -sv --max-time 20 -o "$TMP/got" -P - -Q 'ALGS DISABLE64' "$url"
}

# ---- without translation ----

native() {
	local hops
	ping_ok lan6 2001:db8:3::2 && ping_ok wan2 $CLIENT && says "$CLIENT" peer_on lan6 ask udp 2001:db8:3::2 7006 x || return
	hops=$(on lan6 traceroute -6 -n -q 1 -w 2 -m 6 2001:db8:3::2 | awk 'NR > 1 { printf "%s ", $2 }')
	echo "hops: $hops"
	[ "$hops" = '2001:db8:1::1 2001:db8:2::2 2001:db8:3::2 ' ]
}

native_path_learned() {
	ping_ok lan6 2001:db8:3::2 -s 1452 -M 'do'
	path_is lan6 2001:db8:3::2 1400
}

native_path() {
	local status=0
	forget_paths
	ctl outside mtu 1400
	wait_for 10 native_path_learned && ping_ok lan6 2001:db8:3::2 -s 1452 || status=1
	ctl outside mtu 1500
	return $status
}

native_dropped() {
	ctl ipv6 drop && fails on lan6 ping -n -c 1 -W 1 2001:db8:3::2 && ping_ok lan6 $PREFIX$WAN &&
		ctl ipv6 route && ping_ok lan6 2001:db8:3::2
}

# The kernel's routes and neighbours are the box's.
mirrored() {
	says 2001:db8:1::6 ctl show neighbors && says '::/0 ' ctl show routes &&
		on gw ip -6 route add 2001:db8:77::/64 via 2001:db8:1::3 dev sluice-in &&
		wait_for 5 route_shown 'via 2001:db8:1::3 inside' &&
		on gw ip -6 route del 2001:db8:77::/64 dev sluice-in &&
		wait_for 5 fails route_shown 2001:db8:77::/64
}

route_shown() {
	ctl show routes | grep -q "$1"
}

# Hosts configure themselves by what a daemon beside the box says through the exception TAP.
advertised() {
	cat >"$TMP/radvd.conf" <<-CONF
		interface sluice-in {
			AdvSendAdvert on;
			MinRtrAdvInterval 3;
			MaxRtrAdvInterval 4;
			prefix 2001:db8:1::/64 { };
		};
	CONF
	on lan2 sysctl -qw net.ipv6.conf.eth0.accept_ra=2
	spawn gw radvd -n -C "$TMP/radvd.conf" -p "$TMP/radvd.pid" -m stderr
	wait_for 15 slaac
}

slaac() {
	ip -n "$LAB-lan2" -6 addr show dev eth0 | grep -q '2001:db8:1::*.*dynamic' &&
		ip -n "$LAB-lan2" -6 route show default | grep -q 'proto ra'
}

# ---- all of it once more ----

configuration_comes_back() {
	ctl show configuration >"$TMP/one" && lab stop && lab start --config "$TMP/one" &&
		ctl show configuration | diff "$TMP/one" -
}

several_workers() {
	lab stop && lab start --workers 3 --config "$TMP/one" && wait_for 10 on lan6 ping -n -c 1 -W 1 $PREFIX$WAN &&
		download lan6 "http://[$PREFIX$WAN]:8080/file" && upload lan6 "http://[$PREFIX$FAR]/up" &&
		big_udp && forwards && hairpin && on lan6 timeout 60 "$PEER" many $PREFIX$FAR 7000 200 &&
		ping_ok lan6 $PREFIX$FAR && ping_ok lan6 2001:db8:3::2 && ftp_all
}

clean_etc() {
	rm -rf "$ETC"
	rmdir /etc/netns 2>/dev/null
	clean_up
}

begin
trap clean_etc EXIT
need 'lab comes up' lab up --six
need 'servers start' servers
need 'ping by NAT64' ping_ok lan6 $PREFIX$WAN
check 'ping with full packets and in fragments' big_ping
check 'a dual-stack client as well' ping_ok lan1 $PREFIX$FAR
check 'traceroute by UDP shows box, router, target' trace_ok
check 'traceroute by ICMP shows box, router, target' trace_ok -I
check 'traceroute by TCP shows box, router, target' trace_ok -T -p 7000
check 'download is the same file' download lan6 "http://[$PREFIX$WAN]:8080/file"
check 'upload is the same file' upload lan6 "http://[$PREFIX$WAN]:8080/up"
check 'iperf3 TCP upstream' iperf_tcp
check 'iperf3 TCP downstream' iperf_tcp -R
check 'iperf3 UDP upstream' iperf_udp
check 'iperf3 UDP downstream' iperf_udp -R
check 'path MTU: 1400 bytes outside' narrow_outside 1400 1420
check 'path MTU: 1280 bytes outside' narrow_outside 1280 1300
check 'path MTU: less than IPv6 promises' tiny_outside
check 'path MTU: 1400 bytes inside' narrow_inside 1400
check 'path MTU: 1280 bytes inside' narrow_inside 1280
check 'datagrams of 4000 bytes both ways' big_udp
check 'one mapping for every destination' same_mapping
check 'shown and selected by IPv6 address' shown
check 'cleared by IPv6 address' cleared
check 'a closed port is answered at once' refused_port
check 'private addresses stay hidden' private_is_hidden
check 'a second prefix of another length' another_prefix
check 'forwards to an IPv6 host' forwards
check 'hairpin between IPv4 and IPv6 hosts' hairpin
need 'unbound with dns64' dns64
check 'curl by name' by_name
check 'a name with an IPv6 address' native_name
check 'bind with dns64' bind_dns64
need 'vsftpd outside' ftp_server
check 'FTP: EPSV by PASV, EPRT by PORT' ftp_all
check 'FTP: ALGS' ftp_status
check 'native IPv6 both ways, traceroute' native
check 'native path MTU' native_path
check 'native IPv6 dropped, and routed again' native_dropped
check 'routes and neighbours of the kernel' mirrored
check 'router advertisements by radvd' advertised
check 'every packet is accounted for' balanced
check 'the configuration makes the same box' configuration_comes_back
check 'several workers' several_workers
need 'tayga as a CLAT' clat
check '464XLAT: ping, curl, UDP by IPv4' clat_works
check 'every packet is accounted for with several workers' balanced
finish
