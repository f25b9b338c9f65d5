/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Session descriptions in the SIP helper: what each line of them becomes, and what must open
 * nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sipline.h"

/* ---- descriptions ---- */

static void
description_of_several_media(void **state)
{
	struct line l;
	unsigned int audio, video, data;

	sip_begin(&l, state, "");
	sip_up(&l, sip_whole(&l, INVITE,
			   SDP("c=IN IP4 10.0.0.2\n",
				   "m=audio 40000 RTP/AVP 0\nc=IN IP4 10.0.0.2/127\n"
				   "a=rtcp:40001 IN IP4 10.0.0.2\n"
				   "m=video 0 RTP/AVP 31\n"
				   "m=video 42000/2 RTP/AVP 31\na=rtcp:42001\n"
				   "m=image 43000 udptl t38\n"
				   "m=audio 44000 RTP/AVP 0\nc=IN IP4 198.51.100.77\n"
				   "m=message 45000 TCP/MSRP *\n")));
	assert_length(l.d.text);
	audio = sip_number(l.d.text, "m=audio ");
	assert_has(l.d.text, "c=IN IP4 192.0.2.1/127\r\n");
	assert_int_equal(sip_number(l.d.text, "a=rtcp:"), audio + 1);
	assert_has(l.d.text, " IN IP4 192.0.2.1\r\nm=video 0 RTP/AVP 31\r\n");
	video = sip_number(strstr(l.d.text, "m=video 0") + 1, "m=video ");
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:1", sip_outside(video)).port, 42000);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:1", sip_outside(video + 1)).port, 42001);
	/* Several workers have no four ports in a row: then it is one pair, and says so. */
	if (l.p->n_workers == 1) {
		assert_has(l.d.text, "/2 RTP/AVP 31\r\n");
		assert_int_equal(
			dgram_knock(l.p, "198.51.100.9:1", sip_outside(video + 2)).port, 42002);
		assert_int_equal(
			dgram_knock(l.p, "198.51.100.9:1", sip_outside(video + 3)).port, 42003);
	} else {
		assert_lacks(l.d.text, "/2 ");
	}
	data = sip_number(l.d.text, "m=image ");
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:1", sip_outside(data)).port, 43000);
	assert_has(l.d.text, "m=audio 44000 RTP/AVP 0\r\nc=IN IP4 198.51.100.77\r\n");
	data = sip_number(l.d.text, "m=message ");
	assert_int_equal(talk_knock(l.p, "198.51.100.9:1", sip_outside(data)).port, 45000);
	sip_finish(l.p);
}

static void
rtcp_elsewhere_has_a_port_of_its_own(void **state)
{
	struct line l;
	unsigned int rtcp;

	sip_begin(&l, state, "");
	sip_up(&l, sip_whole(&l, INVITE,
			   SDP("c=IN IP4 10.0.0.2\n", "m=audio 40000 RTP/AVP 0\na=rtcp:50003\n")));
	rtcp = sip_number(l.d.text, "a=rtcp:");
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:1", sip_outside(rtcp)).port, 50003);
	assert_int_equal(sip_mappings(l.p), 3);
	sip_finish(l.p);
}

/* A phone may send media before its answer has come through. */
static void
media_that_flow_already_have_their_rtcp_said(void **state)
{
	struct line l;
	unsigned int rtp;

	sip_begin(&l, state, "");
	for (unsigned int i = 0; i < 8; i++) {
		char body[512];
		const char *said;

		snprintf(body, sizeof(body),
			SDP("c=IN IP4 10.0.0.2\n", "m=audio %u RTP/AVP 0\na=x\n"), 20000 + 2 * i);
		l.phone.port = (uint16_t)(20000 + 2 * i);
		assert_true(dgram_pass(
			l.p, SL_INSIDE, l.phone, talk_end("203.0.113.7:6000"), "rtp", &l.d));
		rtp = l.d.src.port;
		l.phone.port = 5060;
		sip_up(&l, sip_whole(&l, INVITE, body));
		assert_length(l.d.text);
		assert_int_equal(sip_number(l.d.text, "m=audio "), rtp);
		said = strstr(l.d.text, "a=rtcp:");
		assert_int_equal(
			dgram_knock(l.p, "198.51.100.9:1",
				sip_outside(said != NULL ? sip_number(said, "a=rtcp:") : rtp + 1))
				.port,
			20001 + 2 * i);
		assert_has(l.d.text, said != NULL ? "a=x\r\na=rtcp:" : "a=x\r\n");
	}
	sip_finish(l.p);
}

static void
media_behind_a_forward_are_where_it_is(void **state)
{
	struct line l;

	sip_begin(&l, state, "forward udp 192.0.2.1:40000 > 10.0.0.2:40000");
	sip_up(&l, sip_whole(&l, INVITE, OFFER));
	assert_int_equal(sip_number(l.d.text, "m=audio "), 40000);
	assert_lacks(l.d.text, "10.0.0.2");
	sip_finish(l.p);
}

static void
multipart_body_has_its_description_read(void **state)
{
	struct line l;
	char text[DGRAM_MAX], body[2048];

	sip_begin(&l, state, "");
	snprintf(body, sizeof(body), "%s",
		sip_fill(&l, "x\n--b-1\nContent-Type: text/plain\n\nc=IN IP4 10.0.0.2\n--b-1\n"
			     "Content-Type: application/sdp\n\n" OFFER "--b-1--\n"));
	snprintf(text, sizeof(text),
		"%sc: multipart/mixed;boundary=\"b-1\"\r\nContent-Length: %zu\r\n\r\n%s",
		sip_fill(&l, INVITE), strlen(body), body);
	sip_up(&l, text);
	assert_length(l.d.text);
	assert_has(l.d.text, "text/plain\r\n\r\nc=IN IP4 10.0.0.2\r\n--b-1\r\n");
	assert_has(l.d.text, "c=IN IP4 192.0.2.1\r\nt=0 0\r\n");
	assert_int_equal(sip_mappings(l.p), 3);
	sip_finish(l.p);
}

/* ---- what opens nothing ---- */

static void
hostile_descriptions_open_nothing(void **state)
{
	static const char *const bodies[] = {
		SDP("c=IN IP4 10.0.0.3\n", "m=audio 40000 RTP/AVP 0\n"),
		SDP("c=IN IP4 198.51.100.9\n", "m=audio 40000 RTP/AVP 0\n"),
		SDP("c=IN IP4 127.0.0.1\n", "m=audio 40000 RTP/AVP 0\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=audio 22 RTP/AVP 0\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=audio 1023 RTP/AVP 0\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=audio 5060 UDP 0\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=audio 11211 udp 0\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=x 3306 TCP/X *\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=x 8080 TCP/X *\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=audio 65536 RTP/AVP 0\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=audio 40000/0 RTP/AVP 0\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=audio 40000x RTP/AVP 0\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=audio\n"),
		SDP("c=IN IP4 10.0.0.2\n", "m=\n"),
		SDP("c=IN IP4 10.0.0.222222\n", "m=audio 40000 RTP/AVP 0\n"),
		SDP("c=IN IP4 10.0.0.2.example.net\n", "m=audio 40000 RTP/AVP 0\n"),
		SDP("c=IN IP6 2001:db8::2\n", "m=audio 40000 RTP/AVP 0\n"),
		SDP("", "m=audio 40000 RTP/AVP 0\n"),
		SDP("c=IN IP4 10.0.0.2\n",
			"m=audio 40000 RTP/AVP 0\na=candidate:1 1 UDP 1 10.0.0.2 40000 typ host\n"),
		"c=\nm=\na=rtcp:\no=\n",
		"",
	};
	struct line l;

	sip_begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(bodies); i++) {
		sip_up(&l, sip_whole(&l, INVITE, bodies[i]));
		assert_length(l.d.text);
		assert_int_equal(sip_mappings(l.p), 1);
	}
	/* and what is right still does */
	sip_up(&l, sip_whole(&l, INVITE, OFFER));
	assert_int_equal(sip_mappings(l.p), 3);
	sip_finish(l.p);
}

static void
description_without_a_call_opens_nothing(void **state)
{
	static const char *const starts[] = { "SIP/2.0 200 OK", "SIP/2.0 183 Progress",
		"ACK sip:b SIP/2.0", "UPDATE sip:b SIP/2.0", "OPTIONS sip:b SIP/2.0",
		"MESSAGE sip:b SIP/2.0", "invite sip:b SIP/2.0", "BYE sip:b SIP/2.0" };
	struct line l;

	sip_begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(starts); i++) {
		char head[512];

		snprintf(head, sizeof(head), "%s\nCall-ID: z\nCSeq: 1 INVITE\n", starts[i]);
		sip_up(&l, sip_whole(&l, head, OFFER));
		assert_has(l.d.text, "m=audio 40000");
		assert_int_equal(sip_mappings(l.p), 1);
	}
	sip_finish(l.p);
}

static void
what_is_no_sip_passes_as_it_is(void **state)
{
	static const char *const texts[] = {
		"x",
		"\r\n",
		"GET / HTTP/1.1\r\nContact: <sip:a@10.0.0.2>\r\nCall-ID: 1\r\n\r\n",
		"INVITE sip:b\r\nContact: <sip:a@10.0.0.2>\r\nCall-ID: 1\r\n\r\n",
		"INVITE sip:b SIP/3.0\r\nContact: <sip:a@10.0.0.2>\r\nCall-ID: 1\r\n\r\n",
		"INVITE sip:b SIP/2.0",
		"INVITE sip:b SIP/2.0\r\nContact: <sip:a@10.0.0.2>\r\n\r\n",
		"INVITE sip:b SIP/2.0\r\nCall-ID: 1\r\nContent-Length: x\r\nm: "
		"sip:10.0.0.2\r\n\r\n",
		"SIP/2.0",
		"SIP/2.0 200 OK",
		"INVITE sip:b SIP/2.0\r\nCall-ID: 1\r\nm: \"<sip:a@10.0.0.2>\r\n\r\n",
		"INVITE sip:b SIP/2.0\r\nCall-ID: 1\r\nm: <sip:a@10.0.0.2:99999>\r\n\r\n",
		"INVITE sip:b SIP/2.0\r\nCall-ID: 1\r\nv: SIP/2.0\r\nv:\r\nv: /\r\nv: ,;,;\r\n\r\n",
	};
	struct line l;

	sip_begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(texts); i++)
		assert_string_equal(sip_up(&l, texts[i]), texts[i]);
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

static void
body_shorter_than_it_says_is_left_alone(void **state)
{
	struct line l;

	sip_begin(&l, state, "");
	sip_up(&l, sip_fill(&l,
			   INVITE "Content-Type: application/sdp\nContent-Length: 9999\n\n" OFFER));
	assert_has(l.d.text, "Content-Length: 9999\r\n");
	assert_has(l.d.text, "m=audio 40000");
	/* and what is longer counts as far as it says */
	sip_up(&l,
		sip_fill(&l, INVITE "Content-Type: application/sdp\nContent-Length: 5\n\n" OFFER));
	assert_has(l.d.text, "m=audio 40000");
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

static void
many_ports_have_an_end(void **state)
{
	struct line l;

	sip_begin(&l, state, "");
	for (unsigned int i = 0; i < 200; i++) {
		char head[512], body[512];

		snprintf(head, sizeof(head), "INVITE sip:b SIP/2.0\nCall-ID: %u\nCSeq: 1 INVITE\n",
			i);
		snprintf(body, sizeof(body), "v=0\nc=IN IP4 10.0.0.2\nm=audio %u RTP/AVP 0\n",
			20000 + 2 * i);
		sip_up(&l, sip_whole(&l, head, body));
		assert_length(l.d.text);
	}
	assert_int_equal(sip_mappings(l.p), 1 + 2 * 64);
	sip_later(l.p, 200000);
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

static void
bye_of_another_dialog_closes_nothing(void **state)
{
	struct line l;

	sip_begin(&l, state, "");
	sip_call(&l);
	sip_up(&l,
		sip_fill(&l, "BYE sip:b SIP/2.0\nFrom: <sip:a@10.0.0.2>;tag=1\nTo: <sip:b>;tag=3\n"
			     "Call-ID: c1\nCSeq: 2 BYE\n\n"));
	assert_int_equal(sip_mappings(l.p), 3);
	sip_up(&l, sip_fill(&l, BYE));
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(description_of_several_media),
	cmocka_unit_test(rtcp_elsewhere_has_a_port_of_its_own),
	cmocka_unit_test(media_that_flow_already_have_their_rtcp_said),
	cmocka_unit_test(media_behind_a_forward_are_where_it_is),
	cmocka_unit_test(multipart_body_has_its_description_read),
	cmocka_unit_test(hostile_descriptions_open_nothing),
	cmocka_unit_test(description_without_a_call_opens_nothing),
	cmocka_unit_test(what_is_no_sip_passes_as_it_is),
	cmocka_unit_test(body_shorter_than_it_says_is_left_alone),
	cmocka_unit_test(many_ports_have_an_end),
	cmocka_unit_test(bye_of_another_dialog_closes_nothing),
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
