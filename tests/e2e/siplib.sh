# SPDX-License-Identifier: BSD-3-Clause
#
# Phones that are real programs, for tests of the SIP helper: sipp in both roles, with RTP that is
# echoed and counted at both ends, and baresip by a proxy. Sourced after lib.sh.

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
	[ $status -eq 0 ] || cat "$TMP/$scenario".{out,log,err} 2>/dev/null | tail -n 60
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

# a_call PROTOCOL CALLER CALLEE HOST ADDRESS SERVER: the host calls wan1, which it knows by that name.
a_call() {
	local proto=$1 host=$4 status=0
	watch_media "$host" wan1 && answer_on wan1 "$proto" 192.0.2.2 5060 "$3" || return
	sipp_on "$host" "$5" 5060 "$2" -t "${proto:0:1}1" -d 1500 "$6" || status=1
	answered || status=1
	media_flows "$host" wan1 || { counted "$host-in"; counted wan1-in; status=1; }
	return $status
}

# register PROTOCOL HOST ADDRESS SERVER: with wan1, which is told $CONTACT, host and port.
register() {
	local proto=$1
	answer_on wan1 "$proto" 192.0.2.2 5060 registrar || return
	sipp_on "$2" "$3" 5060 register -t "${proto:0:1}1" "$4" && answered || return
	CONTACT=$(grep -o 'phone@[0-9.]*:[0-9]*' "$TMP/registrar.log" | cut -d@ -f2)
	grep -qE "bound sip:phone@\\[?$3\\]?:5060" "$TMP/register.log" && [ -n "$CONTACT" ] &&
		[ "${CONTACT%:*}" = $OUTSIDE ]
}

# a_call_in PROTOCOL HOST ADDRESS SERVER: wan1 calls who has registered.
a_call_in() {
	local proto=$1 status=0
	register "$@" || { cat "$TMP"/regist*.log; return 1; }
	ctl show expectations
	watch_media "$2" wan1 && answer_on "$2" "$proto" "$3" 5060 callee || return
	sipp_on wan1 192.0.2.2 5070 caller_plays -t "${proto:0:1}1" -s phone -d 1500 "$CONTACT" || status=1
	answered || status=1
	media_flows "$2" wan1 || { counted "$2-in"; counted wan1-in; status=1; }
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
		-Y "$TMP" && PROXY_PID=$SPAWNED_PID
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

# talk CALLER HOST ADDRESS:PORT URI CALLEE [DOMAIN]: for some seconds; both hear the other one.
talk() {
	local status=0
	rm -rf "$TMP/$1" "$TMP/$5/heard/"*
	phone "$1" "$2" "$3" "<sip:$1@${6:-192.0.2.2}>;regint=0;answermode=auto" -t 3 -e "/dial $4"
	wait "$PHONE_PID"
	heard "$1" || status=1
	wait_for 5 heard "$5" || status=1
	[ $status -eq 0 ] || tail -n 30 "$TMP/$1/log" "$TMP/$5/log"
	return $status
}
