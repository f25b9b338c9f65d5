/* SPDX-License-Identifier: BSD-3-Clause
 *
 * FTP between IPv6 and IPv4 (RFC 6384) through whole gateways: commands and replies that become
 * others, and the data connections that come of it. 10.6.0.X is 2001:db8:1::X, see talk.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ftpkit.h"

#define CONF "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; "
#define SIX "10.6.0.2:5000"

static struct pipe *
gateway(void **state, struct talk *t)
{
	struct pipe *p = ftp_gateway(state, CONF);

	talk_open(t, p, SIX, SERVER);
	ftp_log_in(t, SL_OUTSIDE);
	return p;
}

static void
hears(struct talk *t, enum sl_side from, const char *said, const char *heard)
{
	assert_string_equal(talk_say(t, from, said), heard);
}

static void
rfc6384_s5_epsv_becomes_pasv_and_227_becomes_229(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);

	hears(&t, SL_INSIDE, "EPSV\r\n", "PASV\r\n");
	hears(&t, SL_OUTSIDE, "227 Entering Passive Mode (198,51,100,9,200,10).\r\n",
		"229 Entering Extended Passive Mode (|||51210|)\r\n");
	/* the network protocol is the client's, whatever it names */
	hears(&t, SL_INSIDE, "epsv 2\r\n", "PASV\r\n");
	hears(&t, SL_OUTSIDE, "227 here: 198,51,100,9,0,80\r\n",
		"229 Entering Extended Passive Mode (|||80|)\r\n");
	/* commands that are sent ahead */
	hears(&t, SL_INSIDE, "TYPE I\r\nEPSV\r\nRETR x\r\n", "TYPE I\r\nPASV\r\nRETR x\r\n");
	hears(&t, SL_OUTSIDE, "200 I\r\n227 (198,51,100,9,4,1)\r\n150 x\r\n",
		"200 I\r\n229 Entering Extended Passive Mode (|||1025|)\r\n150 x\r\n");
	ftp_finish(p);
}

static void
server_that_tells_another_address(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);

	/* its own, behind a NAT of its own */
	hears(&t, SL_INSIDE, "EPSV\r\n", "PASV\r\n");
	hears(&t, SL_OUTSIDE, "227 Entering Passive Mode (10,1,2,3,200,10).\r\n",
		"229 Entering Extended Passive Mode (|||51210|)\r\n");
	/* somebody else's, where the client would not go */
	hears(&t, SL_INSIDE, "EPSV\r\n", "PASV\r\n");
	hears(&t, SL_OUTSIDE, "227 Entering Passive Mode (203,0,113,7,200,10).\r\n",
		"425 Can't open data connection.\r\n");
	hears(&t, SL_INSIDE, "EPSV\r\n", "PASV\r\n");
	hears(&t, SL_OUTSIDE, "227 no numbers\r\n", "425 Can't open data connection.\r\n");
	hears(&t, SL_INSIDE, "EPSV\r\n", "PASV\r\n");
	hears(&t, SL_OUTSIDE, "227 (198,51,100,9,0,0)\r\n", "425 Can't open data connection.\r\n");
	ftp_finish(p);
}

static void
refusals_pass(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);

	hears(&t, SL_INSIDE, "EPSV\r\n", "PASV\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "500 no\r\n");
	/* a 227 that nobody asked for is no answer to anything */
	ftp_untouched(&t, SL_OUTSIDE, "227 (198,51,100,9,4,1)\r\n");
	ftp_untouched(&t, SL_INSIDE, "NOOP\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "200 yes\r\n");
	ftp_finish(p);
}

static void
rfc6384_epsv_all_is_refused_by_the_box(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);

	hears(&t, SL_INSIDE, "EPSV ALL\r\n", "NOOP\r\n");
	hears(&t, SL_OUTSIDE, "200 NOOP ok.\r\n",
		"504 Command not implemented for that parameter.\r\n");
	hears(&t, SL_INSIDE, "EPSV\r\n", "PASV\r\n");
	hears(&t, SL_OUTSIDE, "227 (198,51,100,9,4,1)\r\n",
		"229 Entering Extended Passive Mode (|||1025|)\r\n");
	ftp_finish(p);
}

static void
rfc6384_s6_eprt_becomes_port_and_lets_the_server_in_once(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);
	struct talk_end at;

	at = ftp_six(talk_say(&t, SL_INSIDE, "EPRT |2|2001:db8:1::2|7000|\r\n"), "PORT ");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	ftp_untouched(&t, SL_OUTSIDE, "200 fine\r\n");
	assert_int_equal(talk_knock(p, "203.0.113.66:20", at).port, 0);
	ftp_reached(talk_knock(p, "198.51.100.9:20", at), "10.6.0.2:7000");
	assert_int_equal(talk_knock(p, "198.51.100.9:22", at).port, 0);
	/* another way to write it, another delimiter */
	at = ftp_six(talk_say(&t, SL_INSIDE, "EPRT !2!2001:DB8:1:0::2!7001!\r\n"), "PORT ");
	ftp_reached(talk_knock(p, "198.51.100.9:20", at), "10.6.0.2:7001");
	ftp_finish(p);
}

static void
eprt_of_others_and_of_nonsense_opens_nothing(void **state)
{
	static const char *const lines[] = {
		"EPRT |2|2001:db8:1::3|7000|\r\n",
		"EPRT |2|64:ff9b::198.51.100.9|7000|\r\n",
		"EPRT |1|10.0.0.2|7000|\r\n",
		"EPRT |2|2001:db8:1::2|7000\r\n",
		"EPRT |2|2001:db8:1::2|70000|\r\n",
		"EPRT |2|2001:db8:1::2|22|\r\n",
		"EPRT |2|2001:db8:1::2::|7000|\r\n",
		"EPRT |2||7000|\r\n",
		"EPRT |2|2001:db8:1:0000000000000000000000000000000000000000000000:2|7000|\r\n",
		"EPRT |3|2001:db8:1::2|7000|\r\n",
		"EPRT\r\n",
		"PORT 10,0,0,2,27,88\r\n",
		"PORT 240,0,0,0,27,88\r\n",
	};
	struct talk t;
	struct pipe *p = gateway(state, &t);
	uint64_t before = ftp_mappings(p);

	for (size_t i = 0; i < RTE_DIM(lines); i++) {
		ftp_untouched(&t, SL_INSIDE, lines[i]);
		ftp_untouched(&t, SL_OUTSIDE, "500 no\r\n");
	}
	assert_int_equal(ftp_mappings(p), before);
	ftp_finish(p);
}

/* ALGS and its argument; what the client is told. */
static const char *
algs(struct talk *t, const char *line)
{
	hears(t, SL_INSIDE, line, "NOOP\r\n");
	return talk_say(t, SL_OUTSIDE, "200 NOOP ok.\r\n");
}

static void
rfc6384_s11_algs_is_answered_by_the_box(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);

	assert_string_equal(algs(&t, "ALGS STATUS64\r\n"), "216 EPSV EPRT\r\n");
	assert_string_equal(algs(&t, "algs enable64\r\n"), "216 EPSV EPRT\r\n");
	assert_string_equal(algs(&t, "ALGS status6\r\n"),
		"504 Command not implemented for that parameter.\r\n");
	assert_string_equal(algs(&t, "ALGS STATUS64 now\r\n"),
		"504 Command not implemented for that parameter.\r\n");
	assert_string_equal(
		algs(&t, "ALGS\r\n"), "501 Syntax error in parameters or arguments.\r\n");
	/* among others, sent ahead */
	hears(&t, SL_INSIDE, "TYPE I\r\nALGS STATUS64\r\nEPSV\r\n", "TYPE I\r\nNOOP\r\nPASV\r\n");
	hears(&t, SL_OUTSIDE, "200 I\r\n200 NOOP\r\n227 (198,51,100,9,4,1)\r\n",
		"200 I\r\n216 EPSV EPRT\r\n229 Entering Extended Passive Mode (|||1025|)\r\n");
	/* a server that leaves says so, whatever it was asked */
	hears(&t, SL_INSIDE, "ALGS STATUS64\r\n", "NOOP\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "421 Timeout.\r\n");
	ftp_finish(p);
}

static void
rfc6384_s11_disabled_passes_as_it_is_until_enabled(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);
	uint64_t before = ftp_mappings(p);

	assert_string_equal(algs(&t, "ALGS DISABLE64\r\n"), "216 NONE\r\n");
	assert_string_equal(algs(&t, "ALGS STATUS64\r\n"), "216 NONE\r\n");
	assert_string_equal(
		algs(&t, "ALGS x\r\n"), "504 Command not implemented for that parameter.\r\n");
	ftp_untouched(&t, SL_INSIDE, "EPSV\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "229 Entering (|||1025|)\r\n");
	ftp_untouched(&t, SL_INSIDE, "EPSV ALL\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "200 ok\r\n");
	ftp_untouched(&t, SL_INSIDE, "EPRT |2|2001:db8:1::2|7000|\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "522 no\r\n");
	assert_int_equal(ftp_mappings(p), before);
	assert_string_equal(algs(&t, "ALGS ENABLE64\r\n"), "216 EPSV EPRT\r\n");
	hears(&t, SL_INSIDE, "EPSV\r\n", "PASV\r\n");
	hears(&t, SL_OUTSIDE, "227 (198,51,100,9,4,1)\r\n",
		"229 Entering Extended Passive Mode (|||1025|)\r\n");
	ftp_finish(p);
}

/* The server's business (section 11 has it say 202), or nobody's. */
static void
algs_of_others_passes(void **state)
{
	struct pipe *p = ftp_gateway(state, CONF "forward6 tcp 192.0.2.1:2121 > 2001:db8:1::3#21");
	struct talk t, four;

	talk_open(&four, p, CLIENT, SERVER);
	ftp_log_in(&four, SL_OUTSIDE);
	ftp_untouched(&four, SL_INSIDE, "ALGS DISABLE64\r\n");
	ftp_untouched(&four, SL_OUTSIDE, "202 superfluous\r\n");
	talk_open_inbound(&t, p, "198.51.100.7:4444", "192.0.2.1:2121", "10.6.0.3:21");
	ftp_log_in(&t, SL_INSIDE);
	ftp_untouched(&t, SL_OUTSIDE, "ALGS DISABLE64\r\n");
	ftp_untouched(&t, SL_INSIDE, "202 superfluous\r\n");
	hears(&t, SL_OUTSIDE, "PASV\r\n", "EPSV\r\n");
	ftp_finish(p);
}

/* A CLAT translates headers alone: its client speaks of IPv4. */
static void
pasv_stays_pasv(void **state)
{
	struct talk t;
	struct pipe *p = gateway(state, &t);

	ftp_untouched(&t, SL_INSIDE, "PASV\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "227 (198,51,100,9,4,1)\r\n");
	ftp_untouched(&t, SL_INSIDE, "PASV\r\n");
	hears(&t, SL_OUTSIDE, "227 (10,1,1,1,4,1)\r\n", "227 (198,51,100,9,4,1)\r\n");
	ftp_finish(p);
}

static void
ipv6_server_inside(void **state)
{
	struct pipe *p = ftp_gateway(state, CONF "forward6 tcp 192.0.2.1:2121 > 2001:db8:1::3#21");
	struct talk_end at;
	struct talk t;
	unsigned int port;

	talk_open_inbound(&t, p, "198.51.100.7:4444", "192.0.2.1:2121", "10.6.0.3:21");
	ftp_log_in(&t, SL_INSIDE);
	hears(&t, SL_OUTSIDE, "PASV\r\n", "EPSV\r\n");
	at = ftp_six(talk_say(&t, SL_INSIDE, "229 Extended (|||40000|)\r\n"),
		"227 Entering Passive Mode (");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	ftp_reached(talk_knock(p, "198.51.100.7:5555", at), "10.6.0.3:40000");
	ftp_untouched(&t, SL_OUTSIDE, "EPSV\r\n");
	assert_int_equal(sscanf(talk_say(&t, SL_INSIDE, "229 Extended (|||40001|)\r\n"),
				 "229 Extended (|||%u|)\r\n", &port),
		1);
	at = (struct talk_end){ conf_addr("192.0.2.1"), (uint16_t)port };
	ftp_reached(talk_knock(p, "198.51.100.7:5556", at), "10.6.0.3:40001");
	ftp_untouched(&t, SL_OUTSIDE, "EPSV ALL\r\n");
	ftp_finish(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc6384_s5_epsv_becomes_pasv_and_227_becomes_229),
		cmocka_unit_test(server_that_tells_another_address),
		cmocka_unit_test(refusals_pass),
		cmocka_unit_test(rfc6384_epsv_all_is_refused_by_the_box),
		cmocka_unit_test(rfc6384_s6_eprt_becomes_port_and_lets_the_server_in_once),
		cmocka_unit_test(eprt_of_others_and_of_nonsense_opens_nothing),
		cmocka_unit_test(rfc6384_s11_algs_is_answered_by_the_box),
		cmocka_unit_test(rfc6384_s11_disabled_passes_as_it_is_until_enabled),
		cmocka_unit_test(algs_of_others_passes),
		cmocka_unit_test(pasv_stays_pasv),
		cmocka_unit_test(ipv6_server_inside),
	};

	return ftp_run(tests, RTE_DIM(tests));
}
