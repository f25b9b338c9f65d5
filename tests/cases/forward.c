/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Port forwards: opened from outside, the same outside endpoint for everything the served
 * endpoint sends, closed with the forward.
 */
#include "table.h"

/* clang-format off */
#define WEB "forward tcp 192.0.2.1:80 > 10.0.0.2:8080"
#define OPEN(when, host) \
	{ when, OUT, "tcp " host " > 192.0.2.1:80 SYN seq=10", IN, "tcp " host " > 10.0.0.2:8080 SYN seq=10", "sessions_made" }

static const struct table_case cases[] = {
	{ "mapping_that_lives_serves_on_when_the_forwards_is_over", "timeout udp 300", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 0, DO, "config timeout udp 300; forward udp 192.0.2.1:8080 > 10.0.0.2:5000", NONE, "", "" },
		{ 1000, OUT, "udp 198.51.100.8:99 > 192.0.2.1:8080", IN, "udp 198.51.100.8:99 > 10.0.0.2:5000", "" },
		{ 200000, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 301500, IN, "udp 10.0.0.2:5000 > 198.51.100.7:53", OUT, "udp 192.0.2.1:$p > 198.51.100.7:53", "" })
	},
	{ "outside_opens_and_the_answer_carries_the_outside_endpoint", WEB, ROWS(
		OPEN(0, "198.51.100.9:5000"),
		{ 1, IN, "tcp 10.0.0.2:8080 > 198.51.100.9:5000 SYN ACK seq=90 ack=11", OUT, "tcp 192.0.2.1:80 > 198.51.100.9:5000 SYN ACK seq=90 ack=11", "flow_hits" },
		{ 2, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:80 ACK seq=11 ack=91 'GET'", IN, "tcp 198.51.100.9:5000 > 10.0.0.2:8080 ACK seq=11 ack=91 'GET'", "flow_hits" },
		{ 2, DO, "sessions 1 state=ESTABLISHED inbound=1", NONE, "", "" },
		{ 2, DO, "mappings 1", NONE, "", "" })
	},
	{ "udp_is_forwarded_and_answers_return", "forward udp 192.0.2.1:53 > 10.0.0.2:53", ROWS(
		{ 0, OUT, "udp 198.51.100.9:5000 > 192.0.2.1:53 'q'", IN, "udp 198.51.100.9:5000 > 10.0.0.2:53 'q'", "" },
		{ 1, IN, "udp 10.0.0.2:53 > 198.51.100.9:5000 'a'", OUT, "udp 192.0.2.1:53 > 198.51.100.9:5000 'a'", "" })
	},
	{ "served_endpoint_uses_the_forwarded_port_when_it_opens", WEB, ROWS(
		{ 0, IN, "tcp 10.0.0.2:8080 > 198.51.100.9:443 SYN", OUT, "tcp 192.0.2.1:80 > 198.51.100.9:443 SYN", "" },
		{ 0, IN, "tcp 10.0.0.2:8081 > 198.51.100.9:443 SYN", OUT, "tcp 192.0.2.1:$p{1024-65535} > 198.51.100.9:443 SYN", "" })
	},
	{ "remote_filter_refuses_others", WEB " from=198.51.100.0/24", ROWS(
		OPEN(0, "198.51.100.9:5000"),
		{ 1, OUT, "tcp 203.0.113.9:5000 > 192.0.2.1:80 SYN", NONE, "", "drop_filtered" })
	},
	{ "forward_expires", WEB " expires=10000", ROWS(
		OPEN(0, "198.51.100.9:5000"),
		OPEN(9999, "198.51.100.9:5001"),
		{ 10001, OUT, "tcp 198.51.100.9:5002 > 192.0.2.1:80 SYN", NONE, "", "drop_filtered=* drop_no_mapping=* drop_service=*" })
	},
	{ "other_protocol_and_port_are_not_forwarded", WEB, ROWS(
		{ 0, OUT, "udp 198.51.100.9:5000 > 192.0.2.1:80", NONE, "", "drop_no_mapping=* drop_service=*" },
		{ 0, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:8080 SYN", NONE, "", "drop_no_mapping=* drop_service=*" })
	},
	{ "two_forwards_of_one_endpoint_are_refused", "", ROWS(
		{ 0, DO, "badconfig " WEB "; forward tcp 192.0.2.1:80 > 10.0.0.3:80", NONE, "", "" },
		{ 0, DO, "config " WEB "; forward udp 192.0.2.1:80 > 10.0.0.3:80", NONE, "", "" })
	},
	{ "forward_added_at_run_time_works_and_removed_it_ends_its_sessions", "", ROWS(
		{ 0, IN, "udp 10.0.0.3:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 0, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:80 SYN seq=10", NONE, "", "drop_no_mapping=* drop_service=*" },
		{ 1, DO, "config " WEB, NONE, "", "" },
		OPEN(2, "198.51.100.9:5000"),
		{ 3, DO, "config ", NONE, "", "" },
		{ 1000, DO, "poll 100", NONE, "", "" },
		{ 1000, DO, "sessions 1", NONE, "", "" },
		{ 1000, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:80 ACK seq=11", NONE, "", "drop_no_mapping=* drop_service=* drop_filtered=*" },
		{ 1000, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p", IN, "udp 198.51.100.9:53 > 10.0.0.3:5000", "flow_hits" })
	},
	/* found by the model: the second session took the first one's way out */
	{ "stranger_with_a_remote_end_in_use_changes_no_session_by_a_new_forward", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:53 > 198.51.100.9:5000", OUT, "udp 192.0.2.1:$p{!53} > 198.51.100.9:5000", "" },
		{ 1, DO, "config forward udp 192.0.2.1:53 > 10.0.0.2:53", NONE, "", "" },
		{ 2, OUT, "udp 203.0.113.7:5000 > 192.0.2.1:53", IN, "udp 203.0.113.7:5000 > 10.0.0.2:53", "sessions_made" },
		{ 3, OUT, "udp 198.51.100.9:5000 > 192.0.2.1:53", NONE, "", "drop_filtered" },
		{ 4, IN, "udp 10.0.0.2:53 > 198.51.100.9:5000", OUT, "udp 192.0.2.1:$p > 198.51.100.9:5000", "flow_hits" },
		{ 5, OUT, "udp 198.51.100.9:5000 > 192.0.2.1:$p", IN, "udp 198.51.100.9:5000 > 10.0.0.2:53", "flow_hits" },
		{ 5, DO, "sessions 2", NONE, "", "" })
	},
	{ "forwarded_port_is_never_given_to_a_dynamic_mapping", "pool 192.0.2.1 ports=2000-2003; workers 1; icmp-refusal 255; forward udp 192.0.2.1:2001 > 10.0.0.2:53", ROWS(
		{ 0, IN, "udp 10.0.0.3:1 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:3 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$b{!a} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:5 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$c{!a,!b} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:7 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 1, OUT, "udp 198.51.100.9:5000 > 192.0.2.1:2001 'q'", IN, "udp 198.51.100.9:5000 > 10.0.0.2:53 'q'", "" },
		{ 2, DO, "config pool 192.0.2.1 ports=2000-2003; icmp-refusal 255", NONE, "", "" },
		{ 1000, DO, "poll 10", NONE, "", "" },
		{ 1000, DO, "sessions 3", NONE, "", "" })
	},
	{ "forward_at_an_address_apart_from_the_box", "pool 203.0.113.0-203.0.113.3; forward tcp 203.0.113.2:443 > 10.0.0.4:443", ROWS(
		{ 0, OUT, "tcp 198.51.100.9:5000 > 203.0.113.2:443 SYN", IN, "tcp 198.51.100.9:5000 > 10.0.0.4:443 SYN", "" },
		{ 1, IN, "tcp 10.0.0.4:443 > 198.51.100.9:5000 SYN ACK", OUT, "tcp 203.0.113.2:443 > 198.51.100.9:5000 SYN ACK", "" })
	},
	{ "host_behind_a_forward_opens_its_own_from_the_address_it_is_known_at", "pool 203.0.113.0-203.0.113.15; forward udp 203.0.113.2:69 > 10.0.0.4:69; forward udp 203.0.113.3:69 > 10.0.0.5:69", ROWS(
		{ 0, OUT, "udp 198.51.100.9:5000 > 203.0.113.2:69 'q'", IN, "udp 198.51.100.9:5000 > 10.0.0.4:69 'q'", "" },
		{ 1, IN, "udp 10.0.0.4:3000 > 198.51.100.9:5000 'a'", OUT, "udp 203.0.113.2:$p > 198.51.100.9:5000 'a'", "" },
		{ 2, OUT, "udp 198.51.100.9:5000 > 203.0.113.3:69 'q'", IN, "udp 198.51.100.9:5000 > 10.0.0.5:69 'q'", "" },
		{ 3, IN, "tcp 10.0.0.5:3000 > 198.51.100.9:80 SYN", OUT, "tcp 203.0.113.3:$q > 198.51.100.9:80 SYN", "" })
	},
	{ "forward_elsewhere_does_not_move_a_host_that_has_an_address", "pool 203.0.113.0-203.0.113.15; forward udp 203.0.113.2:69 > 10.0.0.4:69", ROWS(
		{ 0, IN, "udp 10.0.0.4:3000 > 198.51.100.9:5000 'a'", OUT, "udp 203.0.113.14:$p > 198.51.100.9:5000 'a'", "" },
		{ 1, OUT, "udp 198.51.100.9:5000 > 203.0.113.2:69 'q'", IN, "udp 198.51.100.9:5000 > 10.0.0.4:69 'q'", "" },
		{ 2, IN, "udp 10.0.0.4:3001 > 198.51.100.9:5000 'a'", OUT, "udp 203.0.113.14:$q > 198.51.100.9:5000 'a'", "" })
	},
	{ "forward_at_an_address_of_no_pool_pairs_nothing", "pool 203.0.113.1; forward udp 192.0.2.1:69 > 10.0.0.4:69", ROWS(
		{ 0, OUT, "udp 198.51.100.9:5000 > 192.0.2.1:69 'q'", IN, "udp 198.51.100.9:5000 > 10.0.0.4:69 'q'", "" },
		{ 1, IN, "udp 10.0.0.4:3000 > 198.51.100.9:5000 'a'", OUT, "udp 203.0.113.1:$p > 198.51.100.9:5000 'a'", "" })
	},
	{ "error_about_a_forwarded_connection_goes_out_translated", WEB, ROWS(
		OPEN(0, "198.51.100.9:5000"),
		{ 1, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [tcp 198.51.100.9:5000 > 10.0.0.2:8080 SYN seq=10]",
			OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=3 [tcp 198.51.100.9:5000 > 192.0.2.1:80 SYN seq=10]", "icmp_errors" })
	},
};
/* clang-format on */

SUITE(forward, cases);
