/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The TFTP helper through whole gateways: the server's answer comes in from another port, whatever
 * the pool's filter and mapping; nobody else's does, and nothing but a request opens anything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table.h"

#define C "10.0.0.2:5000"
#define S "198.51.100.9"
#define P "192.0.2.1:$p"
#define ON "helper tftp on"
/* The strictest filter, the one in between, none. */
#define APD ON "; pool 192.0.2.1 udp=apd"
#define AD ON "; pool 192.0.2.1 udp=ad"
#define EI ON "; pool 192.0.2.1 udp=ei"
#define SHARED ON "; pool 192.0.2.1 ports=2048-4095 shared=udp"
#define SIX APD "; inside6 2001:db8:1::1/64; nat64 64:ff9b::/96"
#define C6 "2001:db8:1::2#5000"
#define S6 "64:ff9b::198.51.100.9"
#define INSIDE "; forward udp 192.0.2.1:69 > 10.0.0.3:69"

/* clang-format off */
#define RRQ "'\\x00\\x01boot/pxe.0\\x00octet\\x00'"
#define WRQ "'\\x00\\x02running-config\\x00NetASCII\\x00'"
#define OPTIONS "'\\x00\\x01a\\x00OCTET\\x00tsize\\x000\\x00blksize\\x001428\\x00'"
#define DATA "'\\x00\\x03\\x00\\x01abc'"
#define ACK "'\\x00\\x04\\x00\\x01'"

#define UP(when, from, to, text, got, counter) { when, IN, "udp " from " > " to " " text, OUT, "udp " got " > " to " " text, counter }
#define DOWN(when, from, at, to, text, counter) { when, OUT, "udp " from " > " at " " text, IN, "udp " from " > " to " " text, counter }
#define ASKS(when, what) UP(when, C, S ":69", what, P, "punted_helper injected")
#define NOT_IN(when, from, counter) { when, OUT, "udp " from " > " P " " DATA, NONE, "", counter }
/* A request that is none: it goes on, and nobody is let in. */
#define OPENS_NOTHING(name, what) { name, APD, ROWS( \
	ASKS(0, what), { 1, DO, "mappings 1", NONE, "", "" }, NOT_IN(1, S ":3000", "drop_filtered"), NOT_IN(2, S ":3001", "drop_filtered")) }

static const struct table_case cases[] = {
	/* ---- client inside ---- */
	{ "answer_comes_from_another_port_to_the_one_that_asked", APD, ROWS(
		ASKS(0, RRQ), DOWN(1, S ":3000", P, C, DATA, "sessions_made mappings_made=0"),
		UP(2, C, S ":3000", ACK, P, "punted_helper=0"), DOWN(3, S ":3000", P, C, DATA, "sessions_made=0"))
	},
	{ "without_the_helper_it_is_a_strangers", "pool 192.0.2.1 udp=apd", ROWS(
		UP(0, C, S ":69", RRQ, P, "punted_helper=0"), NOT_IN(1, S ":3000", "drop_filtered"))
	},
	{ "first_port_of_the_server_is_the_only_one", APD, ROWS(
		ASKS(0, RRQ), DOWN(1, S ":3000", P, C, DATA, "sessions_made"), NOT_IN(2, S ":3001", "drop_filtered"),
		DOWN(3, S ":3000", P, C, DATA, ""))
	},
	{ "nobody_but_the_server_may_answer", APD, ROWS(
		ASKS(0, RRQ), NOT_IN(1, "203.0.113.66:3000", "drop_filtered"), DOWN(2, S ":3000", P, C, DATA, "sessions_made"))
	},
	{ "writing_is_the_same", APD, ROWS(ASKS(0, WRQ), DOWN(1, S ":3000", P, C, ACK, "sessions_made")) },
	{ "options_are_no_obstacle", APD, ROWS(ASKS(0, OPTIONS), DOWN(1, S ":3000", P, C, "'\\x00\\x06blksize\\x001428\\x00'", "sessions_made")) },
	{ "padding_of_boot_roms_is_no_obstacle", APD, ROWS(
		ASKS(0, "'\\x00\\x01a\\x00octet\\x00\\xff\\xff\\xff\\xff\\x00'"), DOWN(1, S ":3000", P, C, DATA, "sessions_made"))
	},
	{ "request_that_is_repeated_is_answered_too", APD, ROWS(
		ASKS(0, RRQ), ASKS(5000, RRQ), DOWN(30001, S ":3000", P, C, DATA, "sessions_made"))
	},
	{ "next_file_by_the_same_port_has_an_answer_of_its_own", APD, ROWS(
		ASKS(0, RRQ), DOWN(1, S ":3000", P, C, DATA, "sessions_made"), ASKS(10, RRQ), DOWN(11, S ":3001", P, C, DATA, "sessions_made"),
		NOT_IN(12, S ":3002", "drop_filtered"))
	},
	{ "two_servers_by_one_port_in_turn", APD, ROWS(
		ASKS(0, RRQ), DOWN(1, S ":3000", P, C, DATA, "sessions_made"),
		UP(2, C, "198.51.100.8:69", RRQ, P, "punted_helper"), DOWN(3, "198.51.100.8:3000", P, C, DATA, "sessions_made"))
	},
	{ "answer_may_take_its_time_but_not_for_ever", APD, ROWS(
		ASKS(0, RRQ), { 29999, DO, "mappings 1", NONE, "", "" }, NOT_IN(30001, S ":3000", "drop_filtered"))
	},
	{ "answer_that_comes_just_in_time", APD, ROWS(ASKS(0, RRQ), DOWN(29999, S ":3000", P, C, DATA, "sessions_made")) },
	{ "error_instead_of_data_comes_in_too", APD, ROWS(
		ASKS(0, RRQ), DOWN(1, S ":3000", P, C, "'\\x00\\x05\\x00\\x01no such file\\x00'", "sessions_made"))
	},
	{ "server_that_keeps_its_port_needs_no_expectation", APD, ROWS(
		ASKS(0, RRQ), DOWN(1, S ":69", P, C, DATA, "punted_helper injected"), UP(2, C, S ":69", ACK, P, "punted_helper injected"))
	},
	{ "address_dependent_filter_knows_the_server_already", AD, ROWS(
		ASKS(0, RRQ), DOWN(1, S ":3000", P, C, DATA, "sessions_made"), NOT_IN(2, "203.0.113.66:3000", "drop_filtered"))
	},
	{ "open_filter_stays_as_it_is", EI, ROWS(
		ASKS(0, RRQ), DOWN(1, S ":3000", P, C, DATA, "sessions_made"), { 2, DO, "mappings 1", NONE, "", "" })
	},
	{ "server_on_another_port_that_was_configured", APD "; helper tftp on port=6969", ROWS(
		UP(0, C, S ":6969", RRQ, P, "punted_helper"), DOWN(1, S ":3000", P, C, DATA, "sessions_made"),
		UP(2, C, "198.51.100.8:69", RRQ, P, "punted_helper=0"))
	},
	{ "mapping_ends_with_its_sessions_although_it_was_expected", APD "; timeout udp 120", ROWS(
		ASKS(0, RRQ), { 120001, DO, "poll 200", NONE, "", "" }, { 120001, DO, "mappings 0", NONE, "", "" })
	},

	/* ---- ports that are shared ---- */
	{ "shared_port_becomes_the_clients_for_the_answer", SHARED, ROWS(
		ASKS(0, RRQ), DOWN(1, S ":3000", P, C, DATA, "sessions_made"), UP(2, C, S ":3000", ACK, P, "sessions_made=0"),
		NOT_IN(3, S ":3001", "drop_filtered"))
	},
	{ "shared_port_lets_no_other_in", SHARED, ROWS(
		ASKS(0, RRQ), NOT_IN(1, "203.0.113.66:3000", "drop_filtered"), DOWN(2, S ":3000", P, C, DATA, "sessions_made"))
	},

	/* ---- what is no request ---- */
	OPENS_NOTHING("data_to_a_servers_port_opens_nothing", DATA),
	OPENS_NOTHING("unknown_opcode_opens_nothing", "'\\x00\\x07a\\x00octet\\x00'"),
	OPENS_NOTHING("opcode_of_one_byte_opens_nothing", "'\\x01'"),
	OPENS_NOTHING("high_byte_of_the_opcode_counts", "'\\x01\\x01a\\x00octet\\x00'"),
	OPENS_NOTHING("opcode_alone_opens_nothing", "'\\x00\\x01'"),
	OPENS_NOTHING("name_without_end_opens_nothing", "'\\x00\\x01aaaaaaaa'"),
	OPENS_NOTHING("empty_name_opens_nothing", "'\\x00\\x01\\x00octet\\x00'"),
	OPENS_NOTHING("mode_without_end_opens_nothing", "'\\x00\\x01a\\x00octet'"),
	OPENS_NOTHING("no_mode_opens_nothing", "'\\x00\\x01a\\x00'"),
	OPENS_NOTHING("unknown_mode_opens_nothing", "'\\x00\\x01a\\x00octets\\x00'"),
	OPENS_NOTHING("part_of_a_mode_opens_nothing", "'\\x00\\x01a\\x00oct\\x00'"),
	OPENS_NOTHING("text_opens_nothing", "'GET / HTTP/1.1'"),
	{ "request_from_outside_opens_nothing", APD, ROWS(
		ASKS(0, DATA), DOWN(1, S ":69", P, C, RRQ, "punted_helper"), NOT_IN(2, S ":3000", "drop_filtered"))
	},
	{ "client_on_a_port_below_1024_gets_nothing_opened", APD, ROWS(
		UP(0, "10.0.0.2:69", S ":69", RRQ, P, "punted_helper"), NOT_IN(1, S ":3000", "drop_filtered"))
	},

	/* ---- IPv6 client, IPv4 server ---- */
	{ "ipv6_client_gets_its_answer_from_another_port", SIX, ROWS(
		{ 0, IN, "udp6 " C6 " > " S6 "#69 " RRQ, OUT, "udp " P " > " S ":69 " RRQ, "punted_helper injected" },
		NOT_IN(1, "203.0.113.66:3000", "drop_filtered"),
		{ 1, OUT, "udp " S ":3000 > " P " " DATA, IN, "udp6 " S6 "#3000 > " C6 " " DATA, "sessions_made mappings_made=0" },
		{ 2, IN, "udp6 " C6 " > " S6 "#3000 " ACK, OUT, "udp " P " > " S ":3000 " ACK, "punted_helper=0" },
		NOT_IN(3, S ":3001", "drop_filtered"))
	},
	{ "ipv6_client_of_a_shared_port", SHARED "; inside6 2001:db8:1::1/64; nat64 64:ff9b::/96", ROWS(
		{ 0, IN, "udp6 " C6 " > " S6 "#69 " RRQ, OUT, "udp " P " > " S ":69 " RRQ, "punted_helper injected" },
		{ 1, OUT, "udp " S ":3000 > " P " " DATA, IN, "udp6 " S6 "#3000 > " C6 " " DATA, "sessions_made" })
	},

	/* ---- server inside ---- */
	{ "server_inside_answers_at_the_address_that_was_asked", APD INSIDE, ROWS(
		{ 0, OUT, "udp 198.51.100.7:4000 > 192.0.2.1:69 " RRQ, IN, "udp 198.51.100.7:4000 > 10.0.0.3:69 " RRQ, "punted_helper" },
		{ 1, IN, "udp 10.0.0.3:3000 > 198.51.100.7:4000 " DATA, OUT, "udp 192.0.2.1:$t > 198.51.100.7:4000 " DATA, "sessions_made" },
		{ 2, OUT, "udp 198.51.100.7:4000 > 192.0.2.1:$t " ACK, IN, "udp 198.51.100.7:4000 > 10.0.0.3:3000 " ACK, "sessions_made=0" },
		{ 3, OUT, "udp 198.51.100.7:4001 > 192.0.2.1:$t " ACK, NONE, "", "drop_filtered" })
	},
	{ "server_inside_answers_by_a_shared_port_too", SHARED INSIDE, ROWS(
		{ 0, OUT, "udp 198.51.100.7:4000 > 192.0.2.1:69 " RRQ, IN, "udp 198.51.100.7:4000 > 10.0.0.3:69 " RRQ, "punted_helper" },
		{ 1, IN, "udp 10.0.0.3:3000 > 198.51.100.7:4000 " DATA, OUT, "udp 192.0.2.1:$t > 198.51.100.7:4000 " DATA, "sessions_made" },
		{ 2, OUT, "udp 198.51.100.7:4000 > 192.0.2.1:$t " ACK, IN, "udp 198.51.100.7:4000 > 10.0.0.3:3000 " ACK, "sessions_made=0" })
	},
	{ "server_inside_of_a_pool_of_many_does_so_at_the_forwards", ON "; pool 203.0.113.1-203.0.113.16 udp=apd; forward udp 203.0.113.7:69 > 10.0.0.3:69", ROWS(
		{ 0, OUT, "udp 198.51.100.7:4000 > 203.0.113.7:69 " RRQ, IN, "udp 198.51.100.7:4000 > 10.0.0.3:69 " RRQ, "punted_helper" },
		{ 1, IN, "udp 10.0.0.3:3000 > 198.51.100.7:4000 " DATA, OUT, "udp 203.0.113.7:$t > 198.51.100.7:4000 " DATA, "sessions_made" },
		{ 2, OUT, "udp 198.51.100.7:4000 > 203.0.113.7:$t " ACK, IN, "udp 198.51.100.7:4000 > 10.0.0.3:3000 " ACK, "" })
	},

	/* ---- both inside ---- */
	{ "client_inside_asks_a_server_inside", APD INSIDE, ROWS(
		{ 0, IN, "udp " C " > 192.0.2.1:69 " RRQ, IN, "udp 192.0.2.1:$c > 10.0.0.3:69 " RRQ, "punted_helper=2 hairpinned" },
		{ 1, IN, "udp 10.0.0.3:3000 > 192.0.2.1:$c " DATA, IN, "udp 192.0.2.1:$t > " C " " DATA, "hairpinned" },
		{ 2, IN, "udp " C " > 192.0.2.1:$t " ACK, IN, "udp 192.0.2.1:$c > 10.0.0.3:3000 " ACK, "hairpinned" },
		{ 3, IN, "udp 10.0.0.3:3001 > 192.0.2.1:$c " DATA, NONE, "", "drop_filtered" })
	},
};
/* clang-format on */

static void
run_case(void **state)
{
	table_run(*state);
}

int
main(int argc, char **argv)
{
	static struct CMUnitTest tests[RTE_DIM(cases)];
	size_t n = 0;

	pipe_joins = true;
	for (size_t i = 0; i < RTE_DIM(cases); i++)
		if (argc < 2 || strstr(cases[i].name, argv[1]) != NULL)
			tests[n++] = (struct CMUnitTest){ cases[i].name, run_case, NULL, NULL,
				(void *)(uintptr_t)&cases[i] };
	return _cmocka_run_group_tests("tftp", tests, n, pipe_setup, NULL);
}
