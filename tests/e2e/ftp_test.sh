#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# FTP with real clients and servers: curl, lftp and tnftp against vsftpd and pyftpdlib, the client
# inside or the server inside, active and passive; what arrives is compared byte by byte.
set -u
. "$(dirname "$0")/lib.sh"

LINE=$ROOT/tests/e2e/ftpline.py
OUTSIDE=192.0.2.1
FILES=$TMP/files

# ---- servers ----

# What there is to fetch, and where files may be put.
files() {
	local i
	mkdir -p "$FILES/pub/many" "$FILES/incoming" "$TMP/empty"
	head -c 2000000 /dev/urandom >"$FILES/pub/big"
	for i in $(seq 12); do
		head -c $((i * 7001)) /dev/urandom >"$FILES/pub/many/file$i"
	done
	: >"$FILES/pub/many/nothing"
	chown ftp "$FILES/incoming"
	chmod -R a+rX "$FILES" && chmod a+x "$TMP"
}

# vsftpd HOST PORT [SETTING...]
vsftpd_on() {
	local host=$1 port=$2 conf=$TMP/vsftpd-$1-$2.conf
	shift 2
	printf '%s\n' listen=YES background=NO listen_port="$port" anonymous_enable=YES \
		anon_root="$FILES" write_enable=YES anon_upload_enable=YES anon_umask=022 \
		no_anon_password=YES connect_from_port_20=YES secure_chroot_dir="$TMP/empty" \
		seccomp_sandbox=NO isolate=NO isolate_network=NO "$@" >"$conf"
	serve "$host" tcp "$port" vsftpd "$conf"
}

# pyftpd HOST PORT [OPTION...]
pyftpd_on() {
	local host=$1 port=$2
	shift 2
	serve "$host" tcp "$port" /usr/bin/python3 -m pyftpdlib -i 0.0.0.0 -p "$port" -d "$FILES" -w "$@"
}

# ---- clients ----

same_big() {
	cmp "$FILES/pub/big" "$TMP/got"
}

# curl_gets HOST SERVER[:PORT] OPTION...
curl_gets() {
	local host=$1 server=$2
	shift 2
	rm -f "$TMP/got"
	on "$host" curl -sS --max-time 20 "$@" -o "$TMP/got" "ftp://$server/pub/big" && same_big
}

curl_puts() {
	local host=$1 server=$2
	shift 2
	rm -f "$FILES/incoming/big"
	on "$host" curl -sS --max-time 20 "$@" -T "$FILES/pub/big" "ftp://$server/incoming/big" &&
		cmp "$FILES/pub/big" "$FILES/incoming/big"
}

# Each way to name an endpoint, in both directions of data.
curl_all() {
	local way
	for way in --disable-epsv '' '-P - --disable-eprt' '-P -'; do
		# shellcheck disable=SC2086
		curl_gets "$1" "$2" $way && curl_puts "$1" "$2" $way || return
	done
}

# lftp_mirrors HOST SERVER[:PORT] on|off: a directory there and back, passive or not.
lftp_mirrors() {
	local target=$TMP/mirror-$1
	rm -rf "$target" "$FILES"/incoming/*
	on "$1" timeout 60 lftp -c "set net:max-retries 1; set net:timeout 15; \
		set ftp:passive-mode $3; open -u anonymous,me@ $2; \
		mirror pub/many $target; mput -O incoming $target/*" &&
		diff -r "$FILES/pub/many" "$target" && diff -r "$FILES/pub/many" "$FILES/incoming"
}

# tnftp_gets HOST SERVER PORT MODE: several files by one control connection.
tnftp_gets() {
	local before after mode=$4
	rm -f "$TMP"/got*
	before=$(helper_figure flows)
	on "$1" timeout 60 tnftp -n -v "$2" "$3" <<-END || return
		user anonymous me@
		$mode
		binary
		get pub/big $TMP/got
		get pub/many/file1 $TMP/got1
		get pub/many/file12 $TMP/got12
		get pub/many/nothing $TMP/got0
		bye
	END
	after=$(helper_figure flows)
	same_big && cmp "$FILES/pub/many/file1" "$TMP/got1" &&
		cmp "$FILES/pub/many/file12" "$TMP/got12" && [ ! -s "$TMP/got0" ] &&
		[ -f "$TMP/got0" ] && [ "$after" -eq $((before + ${5:-1})) ]
}

# Active and passive, with the commands of RFC 959 and of RFC 2428.
tnftp_all() {
	tnftp_gets "$1" "$2" "$3" 'passive off' && tnftp_gets "$1" "$2" "$3" 'passive on' || return
	tnftp_gets "$1" "$2" "$3" $'epsv4 off\npassive off' &&
		tnftp_gets "$1" "$2" "$3" $'epsv4 off\npassive on'
}

# ---- looking ----

helper_figure() {
	ctl -j show helpers | jq ".helpers[] | select(.helper == \"ftp\") | .$1"
}

expectations() {
	ctl -j show expectations | jq '.expectations | length'
}

# A control connection that stays; what the server said is in $TMP/line.log.
open_line() {
	rm -f "$TMP/line"
	mkfifo "$TMP/line"
	ip netns exec "$LAB-$1" "$LINE" "${@:2}" <"$TMP/line" >"$TMP/line.log" 2>&1 &
	LINE_PID=$!
	exec 8>"$TMP/line"
	wait_for 10 grep -q ready "$TMP/line.log"
}

close_line() {
	exec 8>&-
	wait "$LINE_PID"
}

# ---- safety ----

# The sender's own endpoint, and only its server may come.
only_the_server_comes() {
	local port status=0
	serve lan1 tcp 7000 "$PEER" echo 7000 || return
	open_line lan1 192.0.2.2 21 'USER anonymous' 'PASS x' 'PORT 10,0,0,2,27,88' || return
	[ "$(expectations)" -eq 1 ] || status=1
	port=$(ctl -j show expectations | jq -r '.expectations[0].outside' | cut -d: -f2)
	fails on wan2 nc -z -w 1 $OUTSIDE "$port" || status=1
	says 'for the server' on wan1 timeout 5 "$PEER" ask tcp $OUTSIDE "$port" 'for the server' ||
		status=1
	fails on wan1 nc -z -w 1 $OUTSIDE "$port" || status=1
	close_line
	return $status
}

# opens_nothing LINE
opens_nothing() {
	local before status=0
	before=$(ctl show mappings proto tcp | wc -l)
	open_line lan1 192.0.2.2 21 'USER anonymous' 'PASS x' "$1" || return
	[ "$(expectations)" -eq 0 ] || status=1
	[ "$(ctl show mappings proto tcp | wc -l)" -le $((before + 1)) ] || status=1
	close_line
	return $status
}

foreign_address() {
	opens_nothing 'PORT 10,0,0,3,27,88' && opens_nothing 'EPRT |1|10.0.0.3|7000|'
}

low_port() {
	local before
	before=$(helper_figure refused)
	opens_nothing 'PORT 10,0,0,2,0,22' && opens_nothing 'PORT 10,0,0,2,12,234' &&
		[ "$(helper_figure refused)" -eq $((before + 2)) ]
}

# What was expected goes with its control connection.
ends_with_its_connection() {
	open_line lan1 192.0.2.2 21 'USER anonymous' 'PASS x' 'PORT 10,0,0,2,27,90' || return
	[ "$(expectations)" -eq 1 ] && ctl clear sessions proto tcp remote 192.0.2.2:21 &&
		wait_for 5 test_no_expectation
	local status=$?
	close_line
	return $status
}

test_no_expectation() {
	[ "$(expectations)" -eq 0 ] && ! ctl show mappings | grep -q 10.0.0.2:7002
}

# ---- switches ----

switched_off() {
	ctl helper ftp off && fails curl_gets lan1 192.0.2.2 --max-time 3 -P - --disable-eprt &&
		curl_gets lan1 192.0.2.2 && says 'helper ftp off' ctl show configuration
}

switched_on() {
	ctl helper ftp on && curl_gets lan1 192.0.2.2 -P - --disable-eprt
}

tenant_switched_off() {
	ctl tenant default helper ftp off &&
		fails curl_gets lan1 192.0.2.2 --max-time 3 -P - --disable-eprt &&
		says 'tenant default helper ftp off' ctl show configuration &&
		ctl no tenant default helper ftp && curl_gets lan1 192.0.2.2 -P - --disable-eprt
}

# A server somewhere else, and its port told.
another_port() {
	pyftpd_on wan1 2100 && fails curl_gets lan1 192.0.2.2:2100 --max-time 3 -P - &&
		ctl helper ftp port 21 2100 && curl_gets lan1 192.0.2.2:2100 -P - &&
		says 'helper ftp port 21 2100' ctl show configuration
}

unknown_helper() {
	says "'gopher': expected the name of a helper" ctl helper gopher on
}

# The statements make the same box again.
configuration_comes_back() {
	ctl show configuration >"$TMP/one" && lab stop && lab start --config "$TMP/one" &&
		ctl show configuration | diff "$TMP/one" -
}

in_telemetry() {
	says '"ftp"' on gw dpdk-telemetry.py -f "$LAB" <<<'/sluice/helpers'
}

# ---- others ----

# A server behind a NAT of its own that tells its private address; the client believes it.
private_server_outside() {
	pyftpd_on wan2 21 -n 10.99.0.1 &&
		curl_gets lan1 198.51.100.2 --disable-epsv --no-ftp-skip-pasv-ip
}

certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=test \
		-keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>/dev/null
}

# After AUTH TLS nobody can read a word; passive mode needs nobody to.
tls() {
	local before
	before=$(helper_figure passed)
	certificate && vsftpd_on wan1 2111 ssl_enable=YES allow_anon_ssl=YES require_ssl_reuse=NO \
		force_local_data_ssl=NO force_local_logins_ssl=NO rsa_cert_file="$TMP/cert.pem" \
		rsa_private_key_file="$TMP/key.pem" || return
	ctl helper ftp port 21 2111 && curl_gets lan1 192.0.2.2:2111 -k --ssl-reqd &&
		curl_puts lan1 192.0.2.2:2111 -k --ssl-reqd &&
		[ "$(helper_figure passed)" -ge $((before + 2)) ]
}

server_inside() {
	vsftpd_on lan1 21 && pyftpd_on lan2 21 && ctl forward tcp $OUTSIDE:21 to 10.0.0.2:21 &&
		ctl forward tcp $OUTSIDE:2122 to 10.0.0.3:21
}

# What the server says of its address must be right, since this client believes it.
address_is_believed() {
	curl_gets wan2 $OUTSIDE --disable-epsv --no-ftp-skip-pasv-ip &&
		curl_gets wan1 $OUTSIDE:2122 --disable-epsv --no-ftp-skip-pasv-ip
}

hairpin() {
	curl_gets lan2 $OUTSIDE --disable-epsv --no-ftp-skip-pasv-ip && curl_gets lan2 $OUTSIDE &&
		curl_gets lan2 $OUTSIDE -P - --disable-eprt
}

several_workers() {
	lab stop && lab start --workers 3 && wait_for 10 on lan1 ping -c 1 -W 1 192.0.2.2 &&
		ctl forward tcp $OUTSIDE:21 to 10.0.0.2:21 && curl_all lan1 192.0.2.2 &&
		curl_all lan2 192.0.2.2 && lftp_mirrors lan1 192.0.2.2 off && curl_all wan2 $OUTSIDE
}

begin
files
need 'lab comes up' lab up
need 'vsftpd outside' vsftpd_on wan1 21
check 'curl: PASV, EPSV, PORT, EPRT, both directions' curl_all lan1 192.0.2.2
check 'lftp, passive: many files' lftp_mirrors lan1 192.0.2.2 on
check 'lftp, active: many files' lftp_mirrors lan2 192.0.2.2 off
check 'tnftp: all ways, several files by one connection' tnftp_all lan1 192.0.2.2 21
check 'a server outside that tells a private address' private_server_outside
check 'only its own server reaches the port of PORT, once' only_the_server_comes
check 'an address of somebody else opens nothing' foreign_address
check 'a low port and a service open nothing' low_port
check 'what was expected ends with its control connection' ends_with_its_connection
check 'AUTH TLS: hands off' tls
check 'switched off for all' switched_off
check 'switched on again' switched_on
check 'switched off for a tenant' tenant_switched_off
check 'servers on another port' another_port
check 'an unknown helper is refused' unknown_helper
check 'figures by telemetry' in_telemetry
check 'the configuration makes the same box' configuration_comes_back
need 'servers inside' server_inside
check 'curl to vsftpd inside' curl_all wan2 $OUTSIDE
check 'curl to pyftpdlib inside' curl_all wan1 $OUTSIDE:2122
check 'the address that a server inside tells is believed' address_is_believed
check 'lftp to vsftpd inside, passive' lftp_mirrors wan2 $OUTSIDE on
check 'lftp to pyftpdlib inside, active' lftp_mirrors wan1 $OUTSIDE:2122 off
check 'tnftp to vsftpd inside' tnftp_all wan2 $OUTSIDE 21
check 'a client inside reaches a server inside' hairpin
check 'every packet is accounted for' balanced
check 'several workers' several_workers
check 'every packet is accounted for with several workers' balanced
finish
