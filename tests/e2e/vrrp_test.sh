#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Two boxes with one gateway address inside and one outside, by keepalived on their exception
# TAPs, as app/guide/routing.md says: the addresses follow the health of the box that has them.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pairlib.sh"

INSIDE=10.0.0.254 OUTSIDE=192.0.2.254
POOL=203.0.113.0/28
KEEPERS=()

# config LAST: with addresses that end so.
config() {
	cat >"$TMP/box$1.conf" <<-END
		inside address 10.0.0.$1/24
		outside address 192.0.2.$1/24
		route 0.0.0.0/0 via 192.0.2.2
		pool cgn address $POOL
		announce pools hold 1
	END
}

# ---- keepalived ----

# instance NAME INTERFACE ID PRIORITY ADDRESS [TRACK]
instance() {
	cat <<-END
		vrrp_instance $1 {
		    state BACKUP
		    interface $2
		    virtual_router_id $3
		    priority $4
		    advert_int 0.2
		    ${6:-}
		    virtual_ipaddress {
		        $5/24
		    }
		}
	END
}

# keepalived_start LAB PRIORITY: the script lies where only root can write.
keepalived_start() {
	local dir=/run/$1-lab
	printf '#!/bin/sh\nexec %s -s %s/ctl check health\n' "$BUILD/app/sluicectl" "$dir" >"$dir/check"
	chmod 755 "$dir/check"
	{
		cat <<-END
			global_defs {
			    vrrp_version 3
			    script_user root
			    enable_script_security
			}
			vrrp_script sluice {
			    script "$dir/check"
			    interval 1
			    timeout 2
			    fall 1
			    rise 2
			}
			vrrp_sync_group box {
			    group {
			        inside
			        outside
			    }
			}
		END
		instance inside sluice-in 10 "$2" $INSIDE 'track_script { sluice }'
		instance outside sluice-out 20 "$2" $OUTSIDE
	} >"$dir/keepalived.conf"
	ip netns exec "$1-gw" keepalived -n -P -l -D -f "$dir/keepalived.conf" -p "$dir/keepalived.pid" \
		-r "$dir/vrrp.pid" </dev/null >"$dir/keepalived.log" 2>&1 &
	KEEPERS+=("$!")
}

# has LAB: this box has both addresses.
has() {
	ip -n "$1-gw" -4 addr show dev sluice-in | grep -q "$INSIDE/24" &&
		ip -n "$1-gw" -4 addr show dev sluice-out | grep -q "$OUTSIDE/24"
}

has_none() {
	! ip -n "$1-gw" -4 addr | grep -q "$INSIDE/\|$OUTSIDE/"
}

# ---- the checks ----

shared_routes() {
	on lan1 ip route replace default via $INSIDE && on wan1 ip route add $POOL via $OUTSIDE
}

ask() {
	says 203.0.113. peer_on lan1 ask udp 198.51.100.2 7000 hello
}

sessions() {
	box "$1" ctl -j show counters | jq .sessions_made
}

# serves A|B LAB: it has the addresses, the other has not, and traffic goes through it.
serves() {
	local before
	wait_for 8 has "$2" || { ip -n "$2-gw" -4 addr; tail -n 5 "/run/$2-lab/keepalived.log"; return 1; }
	[ "$2" = "$LAB" ] && { wait_for 3 has_none "$SECOND" || return; }
	before=$(sessions "$1")
	wait_for 5 ask && ask && [ "$(sessions "$1")" -gt "$before" ]
}

first_fails() {
	on gw ip link set dtap0 down && serves B "$SECOND" && has_none "$LAB"
}

first_is_back() {
	on gw ip link set dtap0 up && serves A "$LAB"
}

first_dies() {
	kill -KILL "$(cat "$RUN/sluice.pid")" && rm "$RUN/sluice.pid" && serves B "$SECOND"
}

clean_up_both() {
	local pid
	trap '' INT TERM
	for pid in "${KEEPERS[@]}"; do
		end_process "$pid" 5
	done
	second_down
	clean_up
}

need_root
begin
trap clean_up_both EXIT
config 1
config 4
need 'the first box' lab up --config "$TMP/box1.conf"
need 'the second box' second_up "$TMP/box4.conf"
need 'routes by what they share' shared_routes
serve wan2 udp 7000 "$PEER" echo 7000
keepalived_start "$LAB" 150
keepalived_start "$SECOND" 100
check 'the first box has the addresses and the traffic' serves A "$LAB"
check 'its inside port is down: the second one has them' first_fails
check 'it is up again, and takes them back' first_is_back
check 'it dies: the second one has them' first_dies
finish
