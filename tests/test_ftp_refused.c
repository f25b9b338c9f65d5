/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The FTP helper through whole gateways: what must open nothing, and what must stay as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ftpkit.h"

/* ---- what opens nothing ---- */

static void
foreign_addresses_and_low_ports_open_nothing(void **state)
{
	static const char *const lines[] = {
		"PORT 10,0,0,3,27,88\r\n",
		"PORT 198,51,100,9,27,88\r\n",
		"PORT 127,0,0,1,27,88\r\n",
		"PORT 10,0,0,2,0,22\r\n",
		"PORT 10,0,0,2,3,255\r\n",
		"PORT 10,0,0,2,0,0\r\n",
		"PORT 10,0,0,2,12,234\r\n" /* 3306 */,
		"EPRT |1|10.0.0.3|7000|\r\n",
		"EPRT |1|10.0.0.2|80|\r\n",
		"PORT 10,0,0,2,27,256\r\n",
		"PORT 10,0,0,2,27\r\n",
		"PORT 10,0,0,2,27,88,1\r\n",
		"PORT 10,0,0,2,27,88 x\r\n",
		"PORT\r\n",
		"EPRT\r\n",
		"EPRT |\r\n",
		"PORT 010,0,0,2,,\r\n",
	};
	struct pipe *p = ftp_gateway(state, "");
	struct talk t;

	ftp_client_inside(&t, p);
	for (size_t i = 0; i < RTE_DIM(lines); i++)
		ftp_untouched(&t, SL_INSIDE, lines[i]);
	assert_int_equal(ftp_mappings(p), 1);
	/* and the connection is as good as before */
	ftp_six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	assert_int_equal(ftp_mappings(p), 2);
	ftp_finish(p);
}

static void
server_inside_cannot_offer_others(void **state)
{
	struct pipe *p = ftp_gateway(state, FORWARD);
	struct talk t;

	ftp_server_inside(&t, p);
	ftp_untouched(&t, SL_OUTSIDE, "PASV\r\nPASV\r\nPASV\r\n");
	ftp_untouched(&t, SL_INSIDE, "227 ok (10,0,0,2,27,88)\r\n");
	ftp_untouched(&t, SL_INSIDE, "227 ok (10,0,0,3,0,22)\r\n");
	ftp_untouched(&t, SL_INSIDE, "227 none\r\n");
	assert_int_equal(ftp_mappings(p), 1);
	ftp_finish(p);
}

static void
port_before_the_login_opens_nothing(void **state)
{
	struct pipe *p = ftp_gateway(state, "");
	struct talk t;

	talk_open(&t, p, CLIENT, SERVER);
	ftp_untouched(&t, SL_OUTSIDE, "220 hello\r\n");
	ftp_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "530 log in\r\n");
	assert_int_equal(ftp_mappings(p), 1);
	ftp_finish(p);
}

static void
browser_is_no_client(void **state)
{
	struct pipe *p = ftp_gateway(state, "");
	struct talk t;

	/* it speaks first */
	talk_open(&t, p, CLIENT, SERVER);
	ftp_untouched(&t, SL_INSIDE, "USER x\r\nPASS y\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "220 a\r\n331 b\r\n230 c\r\n");
	ftp_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n");
	/* or later, but HTTP, with the rest in the body */
	talk_open(&t, p, "10.0.0.2:5001", SERVER);
	ftp_untouched(&t, SL_OUTSIDE, "220 a\r\n");
	ftp_untouched(&t, SL_INSIDE, "POST / HTTP/1.1\r\nHost: x\r\n\r\nUSER x\r\nPASS y\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "331 b\r\n230 c\r\n");
	ftp_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n");
	assert_int_equal(ftp_mappings(p), 2);
	ftp_finish(p);
}

static void
answers_nobody_asked_for_open_nothing(void **state)
{
	struct pipe *p = ftp_gateway(state, FORWARD);
	struct talk t;

	ftp_server_inside(&t, p);
	ftp_untouched(&t, SL_INSIDE, "227 ok (10,0,0,3,27,88)\r\n229 ok (|||7000|)\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "STAT\r\n");
	ftp_untouched(&t, SL_INSIDE, "227 ok (10,0,0,3,27,88)\r\n211 ok\r\n");
	/* refused, so what comes after is no answer either */
	ftp_untouched(&t, SL_OUTSIDE, "PASV\r\n");
	ftp_untouched(&t, SL_INSIDE, "500 no\r\n227 ok (10,0,0,3,27,88)\r\n");
	/* EPSV ALL asks for nothing */
	ftp_untouched(&t, SL_OUTSIDE, "EPSV ALL\r\n");
	ftp_untouched(&t, SL_INSIDE, "229 ok (|||7000|)\r\n");
	assert_int_equal(ftp_mappings(p), 1);
	ftp_finish(p);
}

static void
text_within_a_reply_is_no_reply(void **state)
{
	struct pipe *p = ftp_gateway(state, FORWARD);
	struct talk t;

	ftp_server_inside(&t, p);
	ftp_untouched(&t, SL_OUTSIDE, "STAT\r\nPASV\r\n");
	ftp_untouched(&t, SL_INSIDE, "211-status\r\n227 ok (10,0,0,3,27,88)\r\n211 end\r\n");
	assert_int_equal(ftp_mappings(p), 1);
	ftp_six(talk_say(&t, SL_INSIDE, "227 ok (10,0,0,3,27,88)\r\n"), "227 ok (");
	assert_int_equal(ftp_mappings(p), 2);
	ftp_finish(p);
}

static void
commands_sent_ahead_have_their_answers_in_order(void **state)
{
	struct pipe *p = ftp_gateway(state, FORWARD);
	const char *got;
	struct talk t;

	ftp_server_inside(&t, p);
	ftp_untouched(&t, SL_OUTSIDE, "TYPE I\r\nPASV\r\nRETR a\r\nPASV\r\nRETR b\r\n");
	got = talk_say(&t, SL_INSIDE, "200 ok\r\n227 ok (10,0,0,3,27,88)\r\n150 a\r\n");
	ftp_six(strstr(got, "227"), "227 ok (");
	/* an answer too many, as servers give after ABOR */
	got = talk_say(&t, SL_INSIDE, "226 a\r\n226 too many\r\n227 ok (10,0,0,3,27,89)\r\n");
	ftp_six(strstr(got, "227"), "227 ok (");
	ftp_finish(p);
}

static void
nobody_looks_after_tls(void **state)
{
	struct pipe *p = ftp_gateway(state, "");
	struct talk t;

	ftp_client_inside(&t, p);
	ftp_untouched(&t, SL_INSIDE, "AUTH TLS\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "500 what?\r\n");
	ftp_six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	ftp_untouched(&t, SL_OUTSIDE, "200 ok\r\n");
	ftp_untouched(&t, SL_INSIDE, "AUTH TLS\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "234 go on\r\n");
	ftp_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,89\r\n");
	/* what is shifted stays so: talk_say() has looked at the numbers */
	talk_open(&t, p, "10.0.0.2:5001", SERVER);
	ftp_untouched(&t, SL_INSIDE, "\x16\x03\x01 from the first byte on\r\n");
	ftp_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,90\r\n");
	ftp_finish(p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(foreign_addresses_and_low_ports_open_nothing),
	cmocka_unit_test(server_inside_cannot_offer_others),
	cmocka_unit_test(port_before_the_login_opens_nothing),
	cmocka_unit_test(browser_is_no_client),
	cmocka_unit_test(answers_nobody_asked_for_open_nothing),
	cmocka_unit_test(text_within_a_reply_is_no_reply),
	cmocka_unit_test(commands_sent_ahead_have_their_answers_in_order),
	cmocka_unit_test(nobody_looks_after_tls),
};

int
main(void)
{
	return ftp_run(tests, RTE_DIM(tests));
}
