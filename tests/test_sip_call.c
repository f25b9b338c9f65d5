/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Calls through the SIP helper: what comes in because of them, from whom and for how long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sipline.h"

/* ---- calls ---- */

static void
call_from_inside_has_media(void **state)
{
	struct line l;
	unsigned int port;

	sip_begin(&l, state, "");
	sip_up(&l, sip_whole(&l, INVITE, OFFER));
	port = sip_number(l.d.text, "m=audio ");
	assert_int_equal(port % 2, 0);
	assert_length(l.d.text);
	assert_has(l.d.text, "o=a 1 1 IN IP4 192.0.2.1\r\n");
	assert_has(l.d.text, "c=IN IP4 192.0.2.1\r\n");
	assert_lacks(l.d.text, "10.0.0.2");
	/* until there is an answer: the remote end of the signalling */
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 0);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6000", sip_outside(port)).port, 40000);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6001", sip_outside(port + 1)).port, 40001);
	/* then who answers, alone */
	sip_down(&l, sip_whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	assert_has(l.d.text, "c=IN IP4 203.0.113.7\r\n");
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 40000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6001", sip_outside(port + 1)).port, 40001);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6002", sip_outside(port)).port, 0);
	assert_int_equal(dgram_knock(l.p, "203.0.113.8:6000", sip_outside(port)).port, 0);
	sip_finish(l.p);
}

static void
bye_closes_what_the_call_has_opened(void **state)
{
	struct line l;
	unsigned int port;

	sip_begin(&l, state, "");
	port = sip_call(&l);
	assert_int_equal(sip_mappings(l.p), 3);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 40000);
	sip_up(&l, sip_fill(&l, BYE));
	assert_int_equal(sip_mappings(l.p), 1);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 0);
	sip_down(&l, sip_fill(&l, BACK("SIP/2.0 200 OK") "\n"));
	sip_finish(l.p);
}

/* ---- more of calls ---- */

static void
call_from_outside_has_media(void **state)
{
	struct line l;
	struct talk_end at;

	sip_begin(&l, state, "");
	sip_down(&l, sip_whole(&l,
			     "INVITE sip:a@$o SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9\n"
			     "From: <sip:b@198.51.100.9>;tag=2\nTo: <sip:a@$o>\nCall-ID: c2\n"
			     "CSeq: 7 INVITE\nContact: <sip:b@198.51.100.9>\n",
			     ANSWER));
	assert_has(l.d.text, "INVITE sip:a@10.0.0.2:5060 SIP/2.0\r\n");
	assert_has(l.d.text, "To: <sip:a@10.0.0.2:5060>\r\n");
	assert_has(l.d.text, "c=IN IP4 203.0.113.7\r\n");
	sip_up(&l, sip_whole(&l,
			   "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9\n"
			   "From: <sip:b@198.51.100.9>;tag=2\nTo: <sip:a@10.0.0.2:5060>;tag=1\n"
			   "Call-ID: c2\nCSeq: 7 INVITE\nContact: <sip:a@10.0.0.2>\n",
			   OFFER));
	assert_lacks(l.d.text, "10.0.0.2");
	assert_length(l.d.text);
	/* the offer has said where its media are: nobody else, from the first on */
	at = sip_outside(sip_number(l.d.text, "m=audio "));
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6000", at).port, 0);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", at).port, 40000);
	sip_down(&l,
		sip_fill(&l, "BYE sip:a@$o SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.9;branch=z8\n"
			     "From: <sip:b@198.51.100.9>;tag=2\nTo: <sip:a@$o>;tag=1\nCall-ID: c2\n"
			     "CSeq: 8 BYE\n\n"));
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", at).port, 0);
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

static void
refused_call_closes_its_ports(void **state)
{
	static const char *const refusals[] = { "SIP/2.0 486 Busy Here", "SIP/2.0 603 Decline",
		"SIP/2.0 302 Moved", "SIP/2.0 487 Request Terminated" };
	struct line l;

	sip_begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(refusals); i++) {
		char back[DGRAM_MAX];

		sip_up(&l, sip_whole(&l, INVITE, OFFER));
		assert_int_equal(sip_mappings(l.p), 3);
		snprintf(back, sizeof(back), "%s%s\n", refusals[i], strchr(BACK("x"), '\n'));
		sip_down(&l, sip_fill(&l, back));
		assert_int_equal(sip_mappings(l.p), 1);
	}
	/* a challenge is none: it comes again, at the same ports */
	sip_up(&l, sip_whole(&l, INVITE, OFFER));
	sip_down(&l, sip_fill(&l, BACK("SIP/2.0 407 Proxy Authentication Required") "\n"));
	assert_int_equal(sip_mappings(l.p), 3);
	sip_later(l.p, 40000);
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

static void
call_that_nobody_answers_is_forgotten(void **state)
{
	struct line l;
	unsigned int port;

	sip_begin(&l, state, "");
	port = sip_number(sip_up(&l, sip_whole(&l, INVITE, OFFER)), "m=audio ");
	sip_later(l.p, 170000);
	sip_down(&l, sip_fill(&l, BACK("SIP/2.0 180 Ringing") "\n"));
	sip_later(l.p, 170000);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6000", sip_outside(port)).port, 40000);
	sip_later(l.p, 20000);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6002", sip_outside(port)).port, 0);
	sip_finish(l.p);
}

static void
call_outlives_the_flow_that_began_it(void **state)
{
	struct line l;
	unsigned int port;

	sip_begin(&l, state, "");
	port = sip_call(&l);
	/* an hour without a word: UDP flows live for five minutes */
	sip_later(l.p, 3600000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 40000);
	/* the remote end hangs up, from another port, where the phone was */
	l.proxy = talk_end("198.51.100.9:5070");
	sip_down(&l,
		sip_fill(&l, "BYE sip:a@$o SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.9:5070;branch=z8\n"
			     "From: <sip:b@198.51.100.9>;tag=2\nTo: <sip:a@192.0.2.1>;tag=1\n"
			     "Call-ID: c1\nCSeq: 8 BYE\n\n"));
	assert_has(l.d.text, "BYE sip:a@10.0.0.2:5060 SIP/2.0\r\n");
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 0);
	sip_finish(l.p);
}

static void
session_timer_is_believed(void **state)
{
	struct line l;
	unsigned int port;

	sip_begin(&l, state, "");
	port = sip_number(sip_up(&l, sip_whole(&l, INVITE, OFFER)), "m=audio ");
	sip_down(&l, sip_whole(&l, BACK("SIP/2.0 200 OK") "Session-Expires: 1800;refresher=uac\n",
			     ANSWER));
	sip_later(l.p, 1800000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 40000);
	sip_later(l.p, 400000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6002", sip_outside(port)).port, 0);
	sip_finish(l.p);
}

static void
calls_of_one_port_keep_it_until_the_last_has_ended(void **state)
{
	struct line l;
	unsigned int port;
	char text[DGRAM_MAX], *at;

	sip_begin(&l, state, "");
	port = sip_call(&l);
	snprintf(text, sizeof(text), "%s", sip_whole(&l, INVITE, OFFER));
	at = strstr(text, "Call-ID: c1");
	memcpy(at, "Call-ID: c9", 11);
	assert_int_equal(sip_number(sip_up(&l, text), "m=audio "), port);
	sip_up(&l, sip_fill(&l, BYE));
	assert_int_equal(sip_mappings(l.p), 3);
	snprintf(text, sizeof(text), "%s", sip_fill(&l, BYE));
	memcpy(strstr(text, "Call-ID: c1"), "Call-ID: c9", 11);
	sip_up(&l, text);
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

static void
call_on_hold_keeps_its_port(void **state)
{
	struct line l;
	unsigned int port;

	sip_begin(&l, state, "");
	port = sip_call(&l);
	sip_up(&l, sip_whole(&l, HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", ";tag=2"),
			   SDP("c=IN IP4 0.0.0.0\n", "m=audio 40000 RTP/AVP 0\na=sendonly\n")));
	assert_has(l.d.text, "c=IN IP4 0.0.0.0\r\n");
	assert_int_equal(sip_number(l.d.text, "m=audio "), port);
	sip_down(&l, sip_whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	assert_int_equal(
		sip_number(sip_up(&l, sip_whole(&l,
					      HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", ";tag=2"),
					      OFFER)),
			"m=audio "),
		port);
	sip_down(&l, sip_whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 40000);
	sip_finish(l.p);
}

static void
other_port_in_the_call_replaces_the_first_when_it_is_agreed_upon(void **state)
{
	static const char again[] = SDP("c=IN IP4 10.0.0.2\n", "m=audio 41000 RTP/AVP 0\n");
	struct line l;
	unsigned int first, second;

	sip_begin(&l, state, "");
	first = sip_call(&l);
	/* refused: the first one goes on */
	second = sip_number(
		sip_up(&l,
			sip_whole(&l, HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", ";tag=2"), again)),
		"m=audio ");
	assert_int_equal(sip_mappings(l.p), 5);
	sip_down(&l, sip_fill(&l, BACK("SIP/2.0 488 Not Acceptable Here") "\n"));
	assert_int_equal(sip_mappings(l.p), 3);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(first)).port, 40000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(second)).port, 0);
	second = sip_number(
		sip_up(&l,
			sip_whole(&l, HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", ";tag=2"), again)),
		"m=audio ");
	sip_down(&l, sip_whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	assert_int_equal(sip_mappings(l.p), 3);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(first)).port, 0);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(second)).port, 41000);
	sip_up(&l, sip_fill(&l, BYE));
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(call_from_inside_has_media),
	cmocka_unit_test(bye_closes_what_the_call_has_opened),
	cmocka_unit_test(call_from_outside_has_media),
	cmocka_unit_test(refused_call_closes_its_ports),
	cmocka_unit_test(call_that_nobody_answers_is_forgotten),
	cmocka_unit_test(call_outlives_the_flow_that_began_it),
	cmocka_unit_test(session_timer_is_believed),
	cmocka_unit_test(calls_of_one_port_keep_it_until_the_last_has_ended),
	cmocka_unit_test(call_on_hold_keeps_its_port),
	cmocka_unit_test(other_port_in_the_call_replaces_the_first_when_it_is_agreed_upon),
};

int
main(void)
{
	static struct CMUnitTest all[RTE_DIM(tests) * 3];
	static unsigned int workers[3] = { 1, 2, 3 };

	for (size_t i = 0; i < RTE_DIM(all); i++) {
		all[i] = tests[i / 3];
		all[i].initial_state = &workers[i % 3];
	}
	return cmocka_run_group_tests(all, pipe_setup, NULL);
}
