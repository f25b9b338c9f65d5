-- SPDX-License-Identifier: BSD-3-Clause
--
-- Pktgen-DPDK script: drive sluice from inside to outside and search the no-drop rate.
--
--   pktgen [EAL options] -- -P -T -m "3.0,4.1" -f scripts/pktgen/sluice.lua
--
-- Port 0 is cabled to the box's inside, port 1 to its outside. Written after Pktgen's
-- documentation (pktgen.range, pktgen.set, pktgen.portStats); see app/guide/pktgen.md.

package.path = package.path .. ";?.lua;test/?.lua;app/?.lua;../?.lua"
require "Pktgen"

local inside, outside = "0", "1"
local box_mac = "02:00:00:00:00:01" -- of the box's inside port: sluicectl show interfaces
local own_mac = "02:00:00:00:01:01"
local server = "198.18.0.1"
-- Both ranges step with every packet: their lengths (251 and 256) have no common divisor, so
-- there are 251 * 256 sessions before the first one comes again.
local first_host, last_host = "10.1.0.2", "10.1.0.252"
local first_port, last_port = 1024, 1279
local size = 64 -- with FCS
local seconds = 10
local steps = 8 -- of the search: 100 % / 2^8 is its resolution

local function range(what, port, start, inc, min, max)
	what(port, "start", start)
	what(port, "inc", inc)
	what(port, "min", min)
	what(port, "max", max)
end

local function set_up()
	local r = pktgen.range

	pktgen.stop("all")
	range(r.dst_mac, inside, box_mac, "00:00:00:00:00:00", box_mac, box_mac)
	range(r.src_mac, inside, own_mac, "00:00:00:00:00:00", own_mac, own_mac)
	range(r.src_ip, inside, first_host, "0.0.0.1", first_host, last_host)
	range(r.dst_ip, inside, server, "0.0.0.0", server, server)
	range(r.src_port, inside, first_port, 1, first_port, last_port)
	range(r.dst_port, inside, 53, 0, 53, 53)
	range(r.pkt_size, inside, size, 0, size, size)
	r.ip_proto(inside, "udp")
	pktgen.set_range(inside, "on")
	pktgen.set(inside, "count", 0) -- until it is stopped
end

-- One trial: packets sent, packets that came out.
local function trial(rate, ms)
	pktgen.clr()
	pktgen.set(inside, "rate", rate)
	pktgen.start(inside)
	pktgen.delay(ms)
	pktgen.stop(inside)
	pktgen.delay(1000) -- what is still under way
	local sent = pktgen.portStats(inside, "port")[tonumber(inside)].opackets
	local got = pktgen.portStats(outside, "port")[tonumber(outside)].ipackets
	return sent, got
end

local function search()
	local low, high, best = 0, 100, 0
	local rate = high

	for _ = 1, steps do
		local sent, got = trial(rate, seconds * 1000)

		printf("rate %6.2f %%  sent %d  received %d  lost %d\n", rate, sent, got, sent - got)
		if sent > 0 and got >= sent then
			low, best = rate, got / seconds
		else
			high = rate
		end
		if low == 100 then
			break
		end
		rate = (low + high) / 2
	end
	printf("no-drop rate %.2f %% of the line: %.0f packets a second\n", low, best)
end

set_up()
trial(10, 2000) -- opens the sessions
search()
