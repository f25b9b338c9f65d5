#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# SIP with real programs: sipp in both roles, by UDP and TCP, with RTP that is echoed and counted
# at both ends; phones inside that register and are called; baresip to baresip by a proxy, and
# without one. Pools let nobody in who was not asked, so what gets in came by an expectation.
set -u
. "$(dirname "$0")/lib.sh"

SCENARIOS=$ROOT/tests/e2e/sip
OUTSIDE=192.0.2.1
MEDIA=7000 # sipp's port for media, wherever it is
PHONES=()

# ---- looking ----

strict_pool() {
	ctl pool main address $OUTSIDE/32 &&
		ctl pool main filtering udp address-and-port-dependent &&
		ctl pool main filtering tcp address-and-port-dependent
}

helper_figure() {
	ctl -j show helpers | jq ".helpers[] | select(.helper == \"sip\") | .$1"
}

expectations() {
	ctl -j show expectations | jq '.expectations | length'
}

nothing_expected() {
	[ "$(expectations)" -eq 0 ]
}

# count HOST NAME FILTER...: see packets from here on.
count() {
	local host=$1 name=$2
	shift 2
	rm -f "$TMP/$name.pcap"
	spawn "$host" tcpdump -ni any --immediate-mode -U -w "$TMP/$name.pcap" "$@"
	wait_for 10 test -s "$TMP/$name.pcap"
}

counted() {
	tcpdump -nr "$TMP/$1.pcap" 2>/dev/null | wc -l
}

counted_above() {
	[ "$(counted "$1")" -gt "$2" ]
}

# ---- sipp ----

# sipp_on HOST ADDRESS PORT SCENARIO ARGUMENT...: one call, to its end.
sipp_on() {
	local host=$1 addr=$2 port=$3 scenario=$4
	shift 4
	(cd "$TMP" && ip netns exec "$LAB-$host" timeout 15 sipp "$@" -sf "$SCENARIOS/$scenario.xml" \
		-i "$addr" -p "$port" -mi "$addr" -mp $MEDIA -rtp_echo -m 1 -nostdin -nd \
		-timeout 10s -timeout_error -trace_err -trace_logs -log_file "$TMP/$scenario.log" \
		-error_file "$TMP/$scenario.err" -default_behaviors all,-bye </dev/null) \
		>"$TMP/$scenario.out" 2>&1
	local status=$?
	[ $status -eq 0 ] || cat "$TMP/$scenario".{err,log} "$TMP/$scenario.out" 2>/dev/null | tail -n 60
	return $status
}

# Wait for a call, in the background.
answer_on() {
	local host=$1 proto=$2 port=$4
	sipp_on "$1" "$3" "$4" "$5" -t "${proto:0:1}1" &
	ANSWER_PID=$!
	wait_for 10 listening "$host" "$proto" "$port"
}

answered() {
	wait "$ANSWER_PID"
}

# media_flows FROM-HOST TO-HOST: what is played at one end arrives at the other and comes back.
media_flows() {
	wait_for 5 counted_above "$1-in" 40 && wait_for 5 counted_above "$2-in" 40
}

watch_media() {
	count "$1" "$1-in" inbound and udp dst port $MEDIA && count "$2" "$2-in" inbound and udp dst port $MEDIA
}

# call_out PROTOCOL CALLER CALLEE: lan1 calls wan1.
call_out() {
	local proto=$1 status=0
	watch_media lan1 wan1 && answer_on wan1 "$proto" 192.0.2.2 5060 "$3" || return
	sipp_on lan1 10.0.0.2 5060 "$2" -t "${proto:0:1}1" -d 1500 192.0.2.2 || status=1
	answered || status=1
	media_flows lan1 wan1 || { counted lan1-in; counted wan1-in; status=1; }
	return $status
}

pinholes_end_with_the_call() {
	local pid status=0
	answer_on wan1 udp 192.0.2.2 5060 callee || return
	sipp_on lan1 10.0.0.2 5060 caller -t u1 -d 2000 192.0.2.2 &
	pid=$!
	wait_for 5 test_media_expected || status=1
	ctl show expectations
	wait $pid && answered || status=1
	wait_for 5 nothing_expected || { ctl show expectations; status=1; }
	! ctl show mappings proto udp | grep -q "10.0.0.2:$MEDIA" || status=1
	return $status
}

test_media_expected() {
	ctl show expectations | grep -q "10.0.0.2:$MEDIA"
}

# Who is not at the other end does not get in.
no_stranger_gets_in() {
	local pid port status=0
	answer_on wan1 udp 192.0.2.2 5060 callee || return
	count lan1 stranger inbound and src host 198.51.100.2 || return
	sipp_on lan1 10.0.0.2 5060 caller -t u1 -d 2000 192.0.2.2 &
	pid=$!
	wait_for 5 test_media_expected || status=1
	port=$(ctl show expectations | grep -o "$OUTSIDE:[0-9]*" | cut -d: -f2)
	for port in $port; do
		printf x | on wan2 nc -u -w 1 -q 0 $OUTSIDE "$port"
	done
	wait $pid && answered || status=1
	[ "$(counted stranger)" -eq 0 ] || status=1
	return $status
}

# ---- phones that are called ----

# The phone at lan1 registers; what the registrar was told is in $CONTACT, host and port.
register() {
	local proto=$1
	answer_on wan1 "$proto" 192.0.2.2 5060 registrar || return
	sipp_on lan1 10.0.0.2 5060 register -t "${proto:0:1}1" 192.0.2.2 && answered || return
	CONTACT=$(grep -o 'phone@[0-9.]*:[0-9]*' "$TMP/registrar.log" | cut -d@ -f2)
	grep -q 'bound sip:phone@10.0.0.2:5060' "$TMP/register.log" && [ -n "$CONTACT" ] &&
		[ "${CONTACT%:*}" = $OUTSIDE ]
}

called_from_outside() {
	local proto=$1 status=0
	register "$proto" || { cat "$TMP"/regist*.log; return 1; }
	ctl show expectations
	watch_media lan1 wan1 && answer_on lan1 "$proto" 10.0.0.2 5060 callee || return
	sipp_on wan1 192.0.2.2 5070 caller_plays -t "${proto:0:1}1" -s phone -d 1500 "$CONTACT" || status=1
	answered || status=1
	media_flows lan1 wan1 || { counted lan1-in; counted wan1-in; status=1; }
	return $status
}

# ---- a server inside ----

server_inside() {
	local status=0
	ctl forward udp $OUTSIDE:5060 to 10.0.0.3:5060 || return
	watch_media lan2 wan2 && answer_on lan2 udp 10.0.0.3 5060 callee_holds || return
	sipp_on wan2 198.51.100.2 5060 caller_holds -t u1 -d 1000 $OUTSIDE:5060 || status=1
	answered || status=1
	media_flows lan2 wan2 || { counted lan2-in; counted wan2-in; status=1; }
	ctl no forward udp $OUTSIDE:5060
	return $status
}

many_calls() {
	local pid status=0
	serve wan1 udp 5060 sipp -sn uas -i 192.0.2.2 -p 5060 -nostdin || return
	pid=$SPAWNED_PID
	(cd "$TMP" && on lan1 timeout 20 sipp -sn uac -i 10.0.0.2 -p 5060 -m 100 -r 50 -d 300 \
		-nostdin 192.0.2.2 </dev/null >"$TMP/uac.out" 2>&1) || { tail -n 40 "$TMP/uac.out"; status=1; }
	wait_for 5 nothing_expected || status=1
	end_process "$pid" 1
	return $status
}

# ---- baresip ----

proxy() {
	local d=/usr/lib/x86_64-linux-gnu/kamailio/modules m
	[ -d "$d" ] || d=$(dirname "$(dpkg -L kamailio | grep '/registrar\.so$')")
	{
		printf 'log_stderror=yes\nfork=no\nlisten=udp:192.0.2.2:5060\nmpath="%s"\n' "$d"
		for m in kex tm sl pv rr siputils textops usrloc registrar; do
			printf 'loadmodule "%s.so"\n' $m
		done
		cat <<-'END'
			request_route {
				if (is_method("REGISTER")) {
					save("location");
					exit;
				}
				if (has_totag()) {
					loose_route();
					t_relay();
					exit;
				}
				if (is_method("CANCEL|ACK")) {
					if (t_check_trans()) t_relay();
					exit;
				}
				record_route();
				if (!lookup("location")) {
					sl_send_reply("404", "Not Found");
					exit;
				}
				t_relay();
			}
		END
	} >"$TMP/kamailio.cfg"
	tone && serve wan1 udp 5060 kamailio -DD -E -m 32 -M 4 -f "$TMP/kamailio.cfg" -P "$TMP/kamailio.pid" \
		-Y "$TMP"
}

# A minute of a tone, as telephones have it.
tone() {
	python3 - "$TMP/tone.wav" <<-'END'
		import math, struct, sys, wave
		w = wave.open(sys.argv[1], "wb")
		w.setnchannels(1)
		w.setsampwidth(2)
		w.setframerate(8000)
		wave_ = [int(12000 * math.sin(i * math.pi / 10)) for i in range(20)]
		w.writeframes(struct.pack("<20h", *wave_) * 24000)
	END
}

# phone NAME HOST ADDRESS:PORT ACCOUNT [OPTION...]: a baresip that answers; what it hears goes to a file.
phone() {
	local dir=$TMP/$1
	mkdir -p "$dir/heard" && : >"$dir/contacts" && printf '%s\n' "$4" >"$dir/accounts"
	cat >"$dir/config" <<-END
		sip_listen $3
		audio_source aufile,$TMP/tone.wav
		audio_player aubridge,none
		audio_alert aubridge,none
		module_path $(dirname "$(dpkg -L baresip-core | grep '/g711\.so$')")
		snd_path $dir/heard
		module g711.so
		module aufile.so
		module aubridge.so
		module sndfile.so
		module_tmp account.so
		module_app menu.so
	END
	ip netns exec "$LAB-$2" baresip -f "$dir" "${@:5}" </dev/null >"$dir/log" 2>&1 &
	PHONE_PID=$!
	PHONES+=("$PHONE_PID")
}

registered() {
	wait_for 10 grep -q '200 OK' "$TMP/$1/log" || { cat "$TMP/$1/log"; return 1; }
}

# heard NAME: what came by RTP and was decoded is a tone, for more than a second.
heard() {
	local wav
	wav=$(find "$TMP/$1/heard" -name '*dec.wav' | head -n 1)
	[ -n "$wav" ] && python3 - "$wav" <<-'END'
		import struct, sys
		d = open(sys.argv[1], "rb").read()[44:]
		s = struct.unpack("<%dh" % (len(d) // 2), d[:len(d) // 2 * 2])
		loud = sum(abs(x) > 1000 for x in s)
		print(len(s), "samples,", loud, "loud")
		sys.exit(0 if loud > 8000 else 1)
	END
}

# talk CALLER HOST ADDRESS:PORT URI CALLEE: for some seconds; both hear the other one.
talk() {
	local status=0
	rm -rf "$TMP/$1" "$TMP/$5/heard/"*
	phone "$1" "$2" "$3" "<sip:$1@192.0.2.2>;regint=0;answermode=auto" -t 3 -e "/dial $4"
	wait "$PHONE_PID"
	heard "$1" || status=1
	wait_for 5 heard "$5" || status=1
	[ $status -eq 0 ] || tail -n 30 "$TMP/$1/log" "$TMP/$5/log"
	return $status
}

by_a_proxy() {
	phone bob wan2 198.51.100.2:5060 '<sip:bob@192.0.2.2>;regint=300;answermode=auto' && registered bob &&
		talk alice lan1 10.0.0.2:5060 sip:bob@192.0.2.2 bob
}

to_the_inside() {
	phone carol lan2 10.0.0.3:5060 '<sip:carol@192.0.2.2>;regint=300;answermode=auto' &&
		registered carol && talk dave wan2 198.51.100.2:5070 sip:carol@192.0.2.2 carol
}

# Both inside, the proxy outside: media turn round.
both_inside() {
	talk erin lan1 10.0.0.2:5060 sip:carol@192.0.2.2 carol
}

# They say goodbye to their registrar, all at once.
hang_up() {
	kill "${PHONES[@]}" 2>/dev/null
	wait "${PHONES[@]}" 2>/dev/null
	wait_for 5 test_phones_left || { ctl show expectations; return 1; }
}

# (sipp's phone at lan1 is registered still.)
test_phones_left() {
	! ctl show expectations | grep -q -e 'pair' -e 10.0.0.3
}

# ---- switched off ----

switched_off() {
	local status=0
	ctl helper sip off && count wan1 plain inbound and udp dst port 5060 || return
	answer_on wan1 udp 192.0.2.2 5060 callee || return
	# What goes to the inside address gets nowhere, signalling does by the flow.
	sipp_on lan1 10.0.0.2 5061 caller -t u1 -d 100 192.0.2.2 && answered || status=1
	tcpdump -Anr "$TMP/plain.pcap" 2>/dev/null | grep -q 'c=IN IP4 10.0.0.2' || status=1
	! test_media_expected || status=1
	ctl helper sip on && return $status
}

begin
need 'lab comes up' lab up
need 'off by default' says off ctl show helpers
need 'switched on' ctl helper sip on
need 'pools let nobody in' strict_pool
check 'call from inside, UDP: the callee plays, the caller echoes' call_out udp caller callee_plays
check 'the same by TCP' call_out tcp caller callee_plays
check 'hold and back' call_out udp caller_holds callee_holds
check 'pinholes end with the call' pinholes_end_with_the_call
check 'no stranger gets in' no_stranger_gets_in
check 'a hundred calls by one flow' many_calls
check 'a registered phone is called, UDP' called_from_outside udp
check 'a registered phone is called, TCP' called_from_outside tcp
check 'a server inside: hold and back' server_inside
check 'switched off: nothing is touched' switched_off
need 'a proxy outside' proxy
check 'baresip to baresip by a proxy' by_a_proxy
check 'baresip to baresip inside by a proxy' to_the_inside
check 'both inside, the proxy outside' both_inside
check 'nothing is open when all phones have left' hang_up
check 'every packet is accounted for' balanced
finish
