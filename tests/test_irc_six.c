/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DCC between IPv6 clients and IPv4 ones, through whole gateways. 10.6.0.X is 2001:db8:1::X, see
 * talk.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ftpkit.h"

#define CONF "helper irc on; inside6 2001:db8:1::1/64; nat64 64:ff9b::/96"
#define SIX "10.6.0.2:5000"
#define IRC "198.51.100.9:6667"
#define OUTSIDE "3221225985" /* 192.0.2.1 */

static struct pipe *
gateway(void **state, struct talk *t)
{
	struct pipe *p = pipe_create(*(unsigned int *)*state, CONF, 1, BASE);

	talk_open(t, p, SIX, IRC);
	ftp_untouched(t, SL_INSIDE, "CAP LS 302\r\nNICK alice\r\nUSER a 0 * :Alice\r\n");
	ftp_untouched(t, SL_OUTSIDE, ":irc.example 001 alice :Welcome\r\n");
	return p;
}

static void
offer_goes_out_as_one_of_ipv4(void **state)
{
	static const char *const written[] = { "2001:db8:1::2", "2001:DB8:1:0:0:0:0:2",
		"2001:db8:1::0.0.0.2" };
	struct talk t;
	struct pipe *p = gateway(state, &t);
	struct talk_end at = { .addr = conf_addr("192.0.2.1") };

	for (unsigned int i = 0; i < RTE_DIM(written); i++) {
		char line[128], want[32];
		unsigned int port;

		snprintf(line, sizeof(line), "PRIVMSG bob :\001DCC SEND f %s %u 9\001\r\n",
			written[i], 7000 + i);
		snprintf(want, sizeof(want), "10.6.0.2:%u", 7000 + i);
		assert_int_equal(
			sscanf(talk_say(&t, SL_INSIDE, line),
				"PRIVMSG bob :\001DCC SEND f " OUTSIDE " %u 9\001\r\n", &port),
			1);
		at.port = (uint16_t)port;
		ftp_reached(talk_knock(p, "203.0.113.7:4444", at), want);
		assert_int_equal(talk_knock(p, "203.0.113.8:4444", at).port, 0);
	}
	ftp_finish(p);
}

static void
offer_comes_in_as_one_of_ipv6(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);

	assert_string_equal(talk_say(&t, SL_OUTSIDE,
				    ":bob!b@h PRIVMSG alice :\001DCC SEND \"a b\" 3405803783 4000 "
				    "9\001\r\n"),
		":bob!b@h PRIVMSG alice :\001DCC SEND \"a b\" 64:ff9b::cb00:7107 4000 9\001\r\n");
	assert_string_equal(talk_say(&t, SL_OUTSIDE,
				    ":bob!b@h PRIVMSG alice :\001DCC CHAT chat 203.0.113.7 "
				    "4000\001\r\n"),
		":bob!b@h PRIVMSG alice :\001DCC CHAT chat 64:ff9b::cb00:7107 4000\001\r\n");
	/* somebody who has IPv6 as well */
	ftp_untouched(&t, SL_OUTSIDE,
		":bob!b@h PRIVMSG alice :\001DCC SEND f 2001:db8:9::1 4000 9\001\r\n");
	ftp_untouched(&t, SL_OUTSIDE, ":bob!b@h PRIVMSG alice :3405803783 4000\r\n");
	ftp_finish(p);
}

static void
passive_offers_and_resumed_ones(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);
	char line[128];
	unsigned int port;

	assert_string_equal(
		talk_say(&t, SL_INSIDE, "PRIVMSG bob :\001DCC SEND f 2001:db8:1::2 0 9 42\001\r\n"),
		"PRIVMSG bob :\001DCC SEND f " OUTSIDE " 0 9 42\001\r\n");
	assert_int_equal(ftp_mappings(p), 1);
	/* as irssi says it; the answer is one of IPv6 all the same */
	ftp_untouched(&t, SL_INSIDE, "PRIVMSG bob :\001DCC SEND f 16843009 0 9 43\001\r\n");
	assert_string_equal(
		talk_say(&t, SL_OUTSIDE,
			":bob PRIVMSG alice :\001DCC SEND f 3405803783 4000 9 43\001\r\n"),
		":bob PRIVMSG alice :\001DCC SEND f 64:ff9b::cb00:7107 4000 9 43\001\r\n");
	assert_int_equal(sscanf(talk_say(&t, SL_INSIDE,
					"PRIVMSG bob :\001DCC SEND f 2001:db8:1::2 7000 9\001\r\n"),
				 "PRIVMSG bob :\001DCC SEND f " OUTSIDE " %u 9\001\r\n", &port),
		1);
	snprintf(line, sizeof(line), ":bob PRIVMSG alice :\001DCC RESUME f %u 4\001\r\n", port);
	assert_string_equal(talk_say(&t, SL_OUTSIDE, line),
		":bob PRIVMSG alice :\001DCC RESUME f 7000 4\001\r\n");
	snprintf(line, sizeof(line), "PRIVMSG bob :\001DCC ACCEPT f %u 4\001\r\n", port);
	assert_string_equal(
		talk_say(&t, SL_INSIDE, "PRIVMSG bob :\001DCC ACCEPT f 7000 4\001\r\n"), line);
	ftp_finish(p);
}

static void
offers_of_others_and_of_nonsense_open_nothing(void **state)
{
	static const char *const addrs[] = { "2001:db8:1::3", "64:ff9b::c633:6409",
		"::", "2001:db8:1::2::", "[2001:db8:1::2]", "2001:db8:1::2%eth0",
		"2001:db8:1:000000000000000000000000000000000000000:2", ":" };
	struct talk t;
	struct pipe *p = gateway(state, &t);

	for (size_t i = 0; i < RTE_DIM(addrs); i++) {
		char line[128];

		snprintf(line, sizeof(line), "PRIVMSG bob :\001DCC SEND f %s 7000 9\001\r\n",
			addrs[i]);
		ftp_untouched(&t, SL_INSIDE, line);
	}
	ftp_untouched(&t, SL_INSIDE, "PRIVMSG bob :\001DCC SEND f 2001:db8:1::2 22 9\001\r\n");
	assert_int_equal(ftp_mappings(p), 1);
	ftp_finish(p);
}

/* Who offers IPv4 speaks through a CLAT, and is told of IPv4. Nobody can say its stand-in. */
static void
client_behind_a_clat_is_told_of_ipv4(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);

	ftp_untouched(&t, SL_INSIDE, "PRIVMSG bob :\001DCC SEND f 3221225474 7000 9\001\r\n");
	ftp_untouched(&t, SL_INSIDE, "PRIVMSG bob :\001DCC SEND f 240.0.0.0 7000 9\001\r\n");
	ftp_untouched(&t, SL_INSIDE, "PRIVMSG bob :\001DCC SEND f 4026531840 7000 9\001\r\n");
	assert_int_equal(ftp_mappings(p), 1);
	ftp_untouched(
		&t, SL_OUTSIDE, ":bob!b@h PRIVMSG alice :\001DCC SEND f 3405803783 4000 9\001\r\n");
	ftp_finish(p);
}

static void
line_never_becomes_longer_than_it_may_be(void **state)
{
	char line[600], name[500];
	struct talk t;
	struct pipe *p = gateway(state, &t);
	const char *got;

	/* 512 bytes with eight more than the number, and one beyond */
	for (int more = 0; more < 2; more++) {
		size_t n = 512 - 8 -
			   strlen(":b PRIVMSG a :\001DCC SEND  3405803783 4000 9\001\r\n") +
			   (size_t)more;

		memset(name, 'x', n);
		name[n] = '\0';
		snprintf(line, sizeof(line),
			":b PRIVMSG a :\001DCC SEND %s 3405803783 4000 9\001\r\n", name);
		got = talk_say(&t, SL_OUTSIDE, line);
		if (more)
			assert_string_equal(got, line);
		else
			assert_int_equal(strlen(got), 512);
	}
	ftp_finish(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offer_goes_out_as_one_of_ipv4),
		cmocka_unit_test(offer_comes_in_as_one_of_ipv6),
		cmocka_unit_test(passive_offers_and_resumed_ones),
		cmocka_unit_test(offers_of_others_and_of_nonsense_open_nothing),
		cmocka_unit_test(client_behind_a_clat_is_told_of_ipv4),
		cmocka_unit_test(line_never_becomes_longer_than_it_may_be),
	};

	return ftp_run(tests, RTE_DIM(tests));
}
