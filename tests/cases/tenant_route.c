/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Routes of tenants: subscribers behind inside routers, with the same prefixes behind routers
 * of other tenants at the same time.
 */
#include "table.h"

/* clang-format off */
#define TENANTS "tenant blue vlan=10 10.0.0.1/24; tenant red vlan=20 inner=7 10.0.0.1/24"
#define ROUTE(when, net, gw, tenant) { when, DO, "route in " net " " gw " " tenant, NONE, "", "" }
#define UNROUTE(when, net, tenant) { when, DO, "unroute " net " " tenant, NONE, "", "" }
/* Routers of the link by their MAC address, as the neighbours of the bench have them. */
#define VIA3 " dmac=02:00:0a:00:00:03"
#define VIA4 " dmac=02:00:0a:00:00:04"
#define BLUE(when, name) { when, IN, "udp 10.9.0.2:5000 > 198.51.100.9:53 vlan=10 'out'", OUT, "udp 192.0.2.1:$" name " > 198.51.100.9:53 'out'", "" }
#define RED(when, name) { when, IN, "udp 10.9.0.2:5000 > 198.51.100.9:53 vlan=20.7 'out'", OUT, "udp 192.0.2.1:$" name " > 198.51.100.9:53 'out'", "" }
#define BACK(when, name, how) { when, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$" name " 'back'", IN, "udp 198.51.100.9:53 > 10.9.0.2:5000 'back' " how, "" }
#define NO_WAY(when, name) { when, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$" name " 'x'", \
	OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 ttl=64 tos=* ipid=* code=0 [udp 198.51.100.9:53 > 192.0.2.1:$" name " ttl=64 'x']", "drop_no_route icmp_made" }

static const struct table_case cases[] = {
	{ "subscriber_behind_a_router_is_reached_through_it", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.3", "1"),
		BLUE(0, "b"),
		BACK(1, "b", "vlan=10" VIA3),
		BACK(2, "b", "vlan=10" VIA3))
	},
	{ "same_prefix_behind_routers_of_two_tenants_never_mixes", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.3", "1"),
		ROUTE(0, "10.9.0.0/16", "10.0.0.4", "2"),
		BLUE(0, "b"), RED(0, "r"),
		BACK(1, "b", "vlan=10" VIA3), BACK(1, "r", "vlan=20.7" VIA4),
		/* a longer one of red is nothing to blue */
		ROUTE(2, "10.9.0.0/24", "10.0.0.3", "2"),
		BACK(2, "b", "vlan=10" VIA3), BACK(2, "r", "vlan=20.7" VIA3),
		/* and none of them is one of tenant default's, nor the other way round */
		{ 3, IN, "udp 10.9.0.2:5000 > 198.51.100.9:53", NONE, "", "drop_spoofed" },
		ROUTE(3, "10.9.0.2/32", "10.0.0.4", "0"),
		{ 3, IN, "udp 10.9.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$d > 198.51.100.9:53", "" },
		BACK(4, "d", VIA4), BACK(4, "b", "vlan=10" VIA3), BACK(4, "r", "vlan=20.7" VIA3),
		UNROUTE(5, "10.9.0.0/16", "1"),
		NO_WAY(5, "b"), BACK(5, "d", VIA4), BACK(5, "r", "vlan=20.7" VIA3))
	},
	{ "longest_prefix_wins_and_its_end_uncovers_the_shorter", TENANTS, ROWS(
		ROUTE(0, "10.0.0.0/8", "10.0.0.3", "1"),
		BLUE(0, "b"),
		BACK(1, "b", "vlan=10" VIA3),
		ROUTE(2, "10.9.0.2/32", "10.0.0.4", "1"),
		BACK(2, "b", "vlan=10" VIA4),
		UNROUTE(3, "10.9.0.2/32", "1"),
		BACK(3, "b", "vlan=10" VIA3),
		/* on the link, nobody in between */
		ROUTE(4, "10.9.0.0/24", "0.0.0.0", "1"),
		{ 4, DO, "neigh in 10.9.0.2 up 1", NONE, "", "" },
		BACK(4, "b", "vlan=10"))
	},
	{ "route_that_moves_takes_its_traffic_along", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.3", "1"),
		BLUE(0, "b"),
		BACK(1, "b", "vlan=10" VIA3),
		ROUTE(2, "10.9.0.0/16", "10.0.0.4", "1"),
		BACK(2, "b", "vlan=10" VIA4),
		ROUTE(3, "10.9.0.0/16", "10.0.0.3", "1"),
		BACK(3, "b", "vlan=10" VIA3))
	},
	{ "withdrawn_route_is_no_route_until_it_is_back", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.3", "1"),
		BLUE(0, "b"),
		BACK(1, "b", "vlan=10" VIA3),
		UNROUTE(2, "10.9.0.0/16", "1"),
		NO_WAY(2, "b"),
		{ 2, IN, "udp 10.9.0.2:5001 > 198.51.100.9:53 vlan=10", NONE, "", "drop_spoofed" },
		ROUTE(3, "10.9.0.0/16", "10.0.0.3", "1"),
		BACK(3, "b", "vlan=10" VIA3),
		{ 3, IN, "udp 10.9.0.2:5001 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$c > 198.51.100.9:53", "" })
	},
	{ "packets_wait_for_the_router_of_their_tenant", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.50", "1"),
		ROUTE(0, "10.9.0.0/16", "10.0.0.50", "2"),
		BLUE(0, "b"), RED(0, "r"),
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$b 'one'", NONE, "", "held held_now" },
		{ 1, DO, "resolve in 10.0.0.50 1", NONE, "", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$r 'red'", NONE, "", "held held_now" },
		{ 1, DO, "resolve in 10.0.0.50 2", NONE, "", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$b 'two'", NONE, "", "held held_now" },
		{ 3, DO, "neigh in 10.0.0.50 up 1", IN,
			"udp 198.51.100.9:53 > 10.9.0.2:5000 vlan=10 dmac=02:00:0a:00:00:32 'one' + "
			"udp 198.51.100.9:53 > 10.9.0.2:5000 vlan=10 dmac=02:00:0a:00:00:32 'two'", "held_now=-2" },
		{ 4, DO, "neigh in 10.0.0.50 up 2", IN,
			"udp 198.51.100.9:53 > 10.9.0.2:5000 vlan=20.7 dmac=02:00:0a:00:00:32 'red'", "held_now=-1" })
	},
	{ "packets_that_wait_follow_the_route", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.50", "1"),
		BLUE(0, "b"),
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$b 'one'", NONE, "", "held held_now" },
		{ 2, DO, "route in 10.9.0.0/24 10.0.0.3 1", IN, "udp 198.51.100.9:53 > 10.9.0.2:5000 vlan=10" VIA3 " 'one'", "held_now=-1" },
		UNROUTE(3, "10.9.0.0/24", "1"),
		{ 3, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$b 'two'", NONE, "", "held held_now" },
		UNROUTE(4, "10.9.0.0/16", "1"),
		{ 60000, DO, "poll 2", NONE, "", "drop_hold_timeout held_now=-1" })
	},
	{ "source_that_no_route_of_its_tenant_claims_is_dropped", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.4", "2"),
		ROUTE(0, "10.9.0.0/16", "10.0.0.4", "0"),
		{ 0, IN, "udp 10.9.0.2:5000 > 198.51.100.9:53 vlan=10", NONE, "", "drop_spoofed sessions_made=0" },
		{ 0, IN, "udp 198.51.100.77:5000 > 198.51.100.9:53 vlan=10", NONE, "", "drop_spoofed sessions_made=0" },
		RED(0, "r"),
		ROUTE(1, "10.9.0.0/16", "10.0.0.4", "1"),
		BLUE(1, "b"))
	},
	{ "source_check_of_tenants_can_be_switched_off", TENANTS "; source-check off", ROWS(
		BLUE(0, "b"),
		NO_WAY(1, "b"))
	},
	{ "errors_find_subscribers_behind_a_router", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.3", "1"),
		BLUE(0, "b"),
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$b > 198.51.100.9:53 'x']",
			IN, "icmp unreachable 198.51.100.1 > 10.9.0.2 vlan=10" VIA3 " code=3 [udp 10.9.0.2:5000 > 198.51.100.9:53 'x']", "icmp_errors" },
		/* the box's own go back to where the packet came from */
		{ 2, IN, "udp 10.9.0.2:5000 > 198.51.100.9:53 vlan=10 ttl=1 smac=02:00:0a:00:00:04 'x'",
			IN, "icmp time-exceeded 10.0.0.1 > 10.9.0.2 vlan=10" VIA4 " ttl=64 tos=* ipid=* [udp 10.9.0.2:5000 > 198.51.100.9:53 ttl=1 'x']", "drop_ttl icmp_made" })
	},
	{ "networks_of_one_tenant_reach_each_other_untranslated", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.3", "1"),
		{ 0, IN, "udp 10.0.0.2:5000 > 10.9.0.2:53 vlan=10 'x'", IN, "udp 10.0.0.2:5000 > 10.9.0.2:53 vlan=10" VIA3 " 'x'", "routed sessions_made=0" },
		{ 0, IN, "udp 10.9.0.2:53 > 10.0.0.2:5000 vlan=10 'y'", IN, "udp 10.9.0.2:53 > 10.0.0.2:5000 vlan=10 'y'", "routed sessions_made=0" },
		{ 1, IN, "icmp unreachable 10.0.0.3 > 10.0.0.2 vlan=10 code=1 [udp 10.0.0.2:5000 > 10.9.0.2:53 'x']",
			IN, "icmp unreachable 10.0.0.3 > 10.0.0.2 vlan=10 code=1 [udp 10.0.0.2:5000 > 10.9.0.2:53 'x']", "routed" },
		/* what is red's is not blue's: there it is the outside's */
		{ 2, IN, "udp 10.0.0.2:5000 > 10.9.0.2:53 vlan=20.7 'x'", OUT, "udp 192.0.2.1:$r > 10.9.0.2:53 'x'", "routed=0 sessions_made" },
		UNROUTE(3, "10.9.0.0/16", "1"),
		{ 3, IN, "udp 10.0.0.2:5000 > 10.9.0.2:53 vlan=10 'x'", OUT, "udp 192.0.2.1:$b{!r} > 10.9.0.2:53 'x'", "routed=0 sessions_made" })
	},
	{ "errors_pass_between_networks_of_tenant_default_as_well", "inside 10.0.0.1/24; inside 10.0.9.1/24", ROWS(
		{ 0, IN, "icmp unreachable 10.0.9.3 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 10.0.9.3:53 'x']",
			IN, "icmp unreachable 10.0.9.3 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 10.0.9.3:53 'x']", "routed" },
		{ 0, IN, "icmp unreachable 10.0.9.3 > 198.51.100.9 code=3 [udp 198.51.100.9:5000 > 10.0.9.3:53 'x']", NONE, "", "drop_icmp_no_flow" })
	},
	{ "default_route_of_a_tenant_does_not_hide_the_outside", TENANTS, ROWS(
		ROUTE(0, "0.0.0.0/0", "10.0.0.3", "1"),
		BLUE(0, "b"),
		BACK(1, "b", "vlan=10" VIA3),
		/* a longer one does */
		ROUTE(2, "198.51.100.0/24", "10.0.0.4", "1"),
		{ 2, IN, "udp 10.9.0.2:5001 > 198.51.100.9:53 vlan=10", IN, "udp 10.9.0.2:5001 > 198.51.100.9:53 vlan=10" VIA4, "routed" },
		{ 2, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$d > 198.51.100.9:53", "" })
	},
	{ "hairpin_between_routers_of_two_tenants", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.3", "1"),
		ROUTE(0, "10.9.0.0/16", "10.0.0.4", "2"),
		BLUE(0, "b"),
		{ 1, IN, "udp 10.9.0.2:5000 > 192.0.2.1:$b vlan=20.7 'hi'", IN, "udp 192.0.2.1:$r > 10.9.0.2:5000 vlan=10" VIA3 " 'hi'", "hairpinned" },
		{ 2, IN, "udp 10.9.0.2:5000 > 192.0.2.1:$r vlan=10 'ho'", IN, "udp 192.0.2.1:$b > 10.9.0.2:5000 vlan=20.7" VIA4 " 'ho'", "hairpinned" })
	},
	{ "forward_leads_to_a_subscriber_behind_a_router", TENANTS "; forward tcp 192.0.2.1:80 > 10.9.0.2:80 tenant=2", ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.3", "1"),
		ROUTE(0, "10.9.0.0/16", "10.0.0.4", "2"),
		{ 0, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:80 SYN", IN, "tcp 198.51.100.9:5000 > 10.9.0.2:80 SYN vlan=20.7" VIA4, "" })
	},
	{ "removed_tenant_takes_nothing_of_the_others", TENANTS, ROWS(
		ROUTE(0, "10.9.0.0/16", "10.0.0.3", "1"),
		ROUTE(0, "10.9.0.0/16", "10.0.0.4", "2"),
		BLUE(0, "b"), RED(0, "r"),
		{ 1, DO, "config tenant blue vlan=10 10.0.0.1/24; tenant red vlan=20 inner=7 absent", NONE, "", "" },
		UNROUTE(1, "10.9.0.0/16", "2"),
		{ 1000, DO, "poll 100", NONE, "", "" },
		{ 1000, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$r", NONE, "", "drop_no_mapping" },
		BACK(1000, "b", "vlan=10" VIA3),
		/* there again, it begins without routes */
		{ 1001, DO, "config " TENANTS, NONE, "", "" },
		{ 1001, IN, "udp 10.9.0.2:5000 > 198.51.100.9:53 vlan=20.7", NONE, "", "drop_spoofed" },
		ROUTE(1002, "10.9.0.0/16", "10.0.0.4", "2"),
		RED(1002, "s"),
		BACK(1003, "s", "vlan=20.7" VIA4))
	},
};
/* clang-format on */

SUITE(tenant_route, cases);
