#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# DCC with real programs: WeeChat and irssi on either side, which know each other by ngircd outside.
# Files go from the inside to the outside, the other way, and between two insiders, one of whom may
# have IPv6 only (NAT64); passive and resumed ones, too; what arrives is compared byte by byte.
set -u
. "$(dirname "$0")/lib.sh"

SERVER=192.0.2.2
SIX=64:ff9b::c000:202 # the same, as lan6 knows it
OUTSIDE=192.0.2.1
FILES=$TMP/files

# ---- the server ----

ngircd_on() {
	cat >"$TMP/ngircd.conf" <<-END
		[Global]
		Name = irc.example.net
		Info = test
		Listen = 0.0.0.0
		Ports = 6667
		ServerUID = irc
		ServerGID = irc
		[Limits]
		MaxConnectionsIP = 0
		MaxNickLength = 20
		[Options]
		DNS = no
		Ident = no
		PAM = no
		SyslogFacility = local1
	END
	chmod a+rx "$TMP" && chmod a+r "$TMP/ngircd.conf"
	serve "$1" tcp 6667 ngircd -n -f "$TMP/ngircd.conf"
}

is_registered() {
	grep -q "User \"$1!.* registered" "$TMP/spawned.log"
}

# ---- WeeChat, which takes commands by a fifo ----

# weechat_on HOST NICK [SERVER]
weechat_on() {
	local host=$1 nick=$2 dir=$TMP/$2
	mkdir -p "$dir/got"
	printf '[file]\nenabled = on\npath = "%s/fifo"\n' "$dir" >"$dir/fifo.conf"
	printf '[file]\nflush_delay = 0\n' >"$dir/logger.conf"
	cat >"$dir/xfer.conf" <<-END
		[file]
		auto_accept_files = on
		auto_accept_chats = on
		auto_resume = on
		use_nick_in_filename = off
		download_path = "$dir/got"
		[network]
		fast_send = on
	END
	spawn "$host" weechat-headless --dir "$dir" -r "/server add lab ${3:-$SERVER}/6667" \
		-r "/set irc.server.lab.nicks $nick" -r '/connect lab'
	wait_for 20 is_registered "$nick"
}

# tell NICK COMMAND...
tell() {
	local nick=$1
	shift
	timeout 5 bash -c 'printf "irc.server.lab */%s\n" "$1" >"$2"' - "$*" "$TMP/$nick/fifo"
}

# ---- irssi, which takes them from its terminal ----

# irssi_on HOST NICK [SERVER]
irssi_on() {
	local host=$1 nick=$2 dir=$TMP/$2
	mkdir -p "$dir/got"
	mkfifo "$dir/keys"
	printf '%s\n' 'set dcc_autoget on' 'set dcc_autoaccept_lowports on' \
		"set dcc_download_path $dir/got" >"$dir/startup"
	TERM=xterm ip netns exec "$LAB-$host" script -qfc \
		"irssi --home=$dir -c ${3:-$SERVER} -p 6667 -n $nick" "$dir/screen" \
		<>"$dir/keys" >/dev/null 2>&1 &
	SPAWNED+=("$!")
	wait_for 20 is_registered "$nick"
}

# type NICK COMMAND...
type_in() {
	local nick=$1
	shift
	printf '/%s\r' "$*" >"$TMP/$nick/keys"
}

# ---- transfers ----

files() {
	mkdir -p "$FILES"
	head -c 300000 /dev/urandom >"$FILES/big"
	cp "$FILES/big" "$FILES/a file with blanks"
}

arrived() {
	cmp "$FILES/big" "$TMP/$1/got/$2"
}

# sends FROM TO [FILE]: by WeeChat
sends() {
	local file=${3:-big}
	rm -f "$TMP/$2/got/$file"
	tell "$1" "dcc send $2 $FILES/$file" && wait_for 15 arrived "$2" "$file"
}

# types_send FROM TO FILE OPTION...: by irssi
types_send() {
	local from=$1 to=$2 file=$3
	shift 3
	rm -f "$TMP/$to/got/$file"
	type_in "$from" "dcc send $* $to \"$FILES/$file\"" && wait_for 15 arrived "$to" "$file"
}

# What there is already need not be sent: RESUME, ACCEPT.
resumes() {
	local log=$TMP/$2/logs/core.weechat.weechatlog before
	before=$(grep -c 'resumed at position 200000' "$log")
	rm -f "$TMP/$2/got/big"
	head -c 200000 "$FILES/big" >"$TMP/$2/got/big.part"
	tell "$1" "dcc send $2 $FILES/big" && wait_for 15 arrived "$2" big &&
		[ "$(grep -c 'resumed at position 200000' "$log")" -eq $((before + 1)) ]
}

# chats FROM TO: by WeeChat
chats() {
	tell "$1" "dcc chat $2" && wait_for 10 hears "$1" "$2"
}

hears() {
	timeout 5 bash -c 'printf "xfer.irc_dcc.lab.%s *it is me, %s\n" "$1" "$2" >"$3"' - "$2" "$1" \
		"$TMP/$1/fifo"
	grep -rq "it is me, $1" "$TMP/$2/logs"
}

# offered_at NICK ADDRESS: the last file that was offered to it.
offered_at() {
	grep 'incoming file' "$TMP/$1/logs/core.weechat.weechatlog" | tail -n 1 | grep -qF "$2"
}

# ---- looking ----

helper_figure() {
	ctl -j show helpers | jq ".helpers[] | select(.helper == \"irc\") | .$1"
}

expectations() {
	ctl -j show expectations | jq '.expectations | length'
}

# ---- checks ----

# The helper is there for connections from now on; these have begun without it.
off_at_first() {
	tell alice "dcc send bob $FILES/big" && wait_for 10 offered_at bob 10.0.0.2 &&
		[ ! -s "$TMP/bob/got/big" ]
}

switched_on() {
	ctl helper irc on && tell alice disconnect lab && wait_for 20 is_gone alice &&
		tell alice connect lab && wait_for 20 is_back alice
}

is_gone() {
	grep -q "User \"$1!.* unregistered" "$TMP/spawned.log"
}

is_back() {
	[ "$(grep -c "User \"$1!.* registered" "$TMP/spawned.log")" -eq 2 ]
}

inside_to_outside() {
	sends alice bob && offered_at bob $OUTSIDE && [ "$(expectations)" -eq 0 ]
}

several_files() {
	sends alice bob && sends carol bob && sends alice bob && [ "$(helper_figure replaced)" -ge 3 ]
}

# One connection comes in; whoever asks later finds nobody.
used_once() {
	local port
	tell bob 'set xfer.file.auto_accept_files off' && tell alice "dcc send bob $FILES/big" &&
		wait_for 10 test_one_expectation || return
	port=$(ctl -j show expectations | jq -r '.expectations[0].outside' | cut -d: -f2)
	tell bob 'set xfer.file.auto_accept_files on'
	on wan1 nc -z -w 2 $OUTSIDE "$port" && wait_for 5 test_no_expectation &&
		fails on wan1 nc -z -w 1 $OUTSIDE "$port"
}

test_one_expectation() {
	[ "$(expectations)" -eq 1 ]
}

test_no_expectation() {
	[ "$(expectations)" -eq 0 ]
}

# A new box with several workers, and new clients.
several_workers() {
	lab stop && lab start --workers 3 && ctl helper irc on && weechat_on lan1 frank &&
		weechat_on lan2 grace && weechat_on wan2 henry && sends frank henry &&
		sends henry grace && sends frank grace && resumes grace henry &&
		weechat_on lan6 ida $SIX && sends ida henry && sends henry ida
}

begin
files
need 'lab comes up' lab up --six
need 'ngircd outside' ngircd_on wan1
need 'WeeChat inside' weechat_on lan1 alice
need 'WeeChat outside' weechat_on wan2 bob
check 'off at first: the private address is offered' off_at_first
check 'switched on' switched_on
need 'another WeeChat inside' weechat_on lan2 carol
check 'WeeChat: from inside to outside' inside_to_outside
check 'WeeChat: from outside to inside' sends bob alice
check 'WeeChat: between two insiders' sends alice carol
check 'WeeChat: one file after the other' several_files
check 'WeeChat: resumed, from inside' resumes alice bob
check 'WeeChat: resumed, from outside' resumes bob alice
check 'WeeChat: resumed, between two insiders' resumes carol alice
check 'WeeChat: chat, from inside' chats alice bob
check 'WeeChat: chat, between two insiders' chats carol alice
need 'irssi inside' irssi_on lan1 dave
need 'irssi outside' irssi_on wan2 erin
check 'irssi: from inside to outside' types_send dave erin big
check 'irssi: from outside to inside' types_send erin dave big
check 'irssi: a name with blanks' types_send dave erin 'a file with blanks'
check 'irssi: passive, from inside' types_send dave erin big -passive
check 'irssi: passive, from outside' types_send erin dave big -passive
check 'irssi to WeeChat' types_send dave bob big
check 'WeeChat to irssi' sends alice erin
need 'WeeChat with IPv6' weechat_on lan6 sixty $SIX
check 'WeeChat: from IPv6 to IPv4' sends sixty bob
check 'WeeChat: from IPv4 to IPv6' sends bob sixty
check 'WeeChat: from IPv6 to IPv4 inside' sends sixty alice
check 'WeeChat: from IPv4 inside to IPv6' sends alice sixty
check 'WeeChat: resumed, from IPv6' resumes sixty bob
check 'WeeChat: resumed, to IPv6' resumes bob sixty
check 'WeeChat: chat, from IPv6' chats sixty bob
need 'irssi with IPv6' irssi_on lan6 siss $SIX
check 'irssi: from IPv6 to IPv4' types_send siss erin big
check 'irssi: from IPv4 to IPv6' types_send erin siss big
check 'irssi: passive, from IPv6' types_send siss erin big -passive
check 'an offer is for one connection' used_once
check 'every packet is accounted for' balanced
check 'several workers' several_workers
check 'every packet is accounted for with several workers' balanced
finish
