/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SIP between an IPv6 phone and IPv4 servers, through whole gateways: each end reads addresses of
 * its own family, and media come in where they were said to. 10.6.0.X is 2001:db8:1::X, talk.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sipline.h"

#define CONF "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; "
#define SIX_PHONE "10.6.0.2:5060"

/* The phone and its proxy as the phone knows them. */
#define A "[2001:db8:1::2]"
#define B "[64:ff9b::c633:6409]"
#define HEAD6(start, tag)                                                                          \
	start "\n"                                                                                 \
	      "Via: SIP/2.0/UDP " A ":5060;branch=z9hG4bK1;rport\n"                                \
	      "From: \"A\" <sip:a@" A ">;tag=1\nTo: <sip:b@" B ">" tag "\n"                        \
	      "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:a@" A ":5060>\n"
#define INVITE6 HEAD6("INVITE sip:b@" B " SIP/2.0", "")
#define BYE6                                                                                       \
	"BYE sip:b@" B " SIP/2.0\nVia: SIP/2.0/UDP " A ":5060;branch=z9hG4bK3\n"                   \
	"From: \"A\" <sip:a@" A ">;tag=1\nTo: <sip:b@" B ">;tag=2\n"                               \
	"Call-ID: c1\nCSeq: 2 BYE\nContent-Length: 0\n\n"
#define OFFER6                                                                                     \
	"v=0\no=a 1 1 IN IP6 2001:db8:1::2\ns=-\nc=IN IP6 2001:db8:1::2\nt=0 0\n"                  \
	"m=audio 40000 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"

static void
begin(struct line *l, void **state)
{
	*l = (struct line){
		.p = sip_gateway(state, CONF),
		.phone = talk_end(SIX_PHONE),
		.proxy = talk_end(PROXY),
	};
	assert_string_equal(sip_up(l, "\r\n\r\n"), "\r\n\r\n");
}

static unsigned int
call(struct line *l)
{
	unsigned int port = sip_number(sip_up(l, sip_whole(l, INVITE6, OFFER6)), "m=audio ");

	sip_down(l, sip_whole(l, BACK("SIP/2.0 200 OK"), ANSWER));
	return port;
}

/* A description of the phone's within a call; what the remote end is told. */
static const char *
offer(struct line *l, const char *body)
{
	sip_up(l, sip_whole(l, INVITE6, body));
	assert_length(l->d.text);
	return strstr(l->d.text, "\r\n\r\n") + 4;
}

/* ---- header fields ---- */

static void
request_goes_out_as_if_the_phone_had_ipv4(void **state)
{
	struct line l;

	begin(&l, state);
	sip_up(&l, sip_fill(&l, INVITE6 "Content-Length: 0\n\n"));
	assert_string_equal(l.d.text,
		sip_fill(&l, "INVITE sip:b@198.51.100.9 SIP/2.0\n"
			     "Via: SIP/2.0/UDP $o;branch=z9hG4bK1;rport\n"
			     "From: \"A\" <sip:a@192.0.2.1>;tag=1\nTo: <sip:b@198.51.100.9>\n"
			     "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:a@$o>\n"
			     "Content-Length: 0\n\n"));
	sip_finish(l.p);
}

static void
response_comes_in_as_if_the_server_had_ipv6(void **state)
{
	struct line l;

	begin(&l, state);
	sip_up(&l, sip_fill(&l, INVITE6 "Content-Length: 0\n\n"));
	sip_down(&l, sip_fill(&l, BACK("SIP/2.0 180 Ringing") "Content-Length: 0\n\n"));
	assert_string_equal(
		l.d.text, sip_fill(&l, "SIP/2.0 180 Ringing\n"
				       "Via: SIP/2.0/UDP " A
				       ":5060;branch=z9hG4bK1;rport=5060;received=2001:db8:1::2\n"
				       "From: \"A\" <sip:a@" A ">;tag=1\nTo: <sip:b@" B ">;tag=2\n"
				       "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:b@" B ">\n"
				       "Content-Length: 0\n\n"));
	sip_finish(l.p);
}

static void
each_form_of_header_is_read(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "v: SIP/2.0/UDP " A, "v: SIP/2.0/UDP $o" },
		{ "v: SIP/2.0/UDP [2001:DB8:1:0::2]:5060;branch=x", "v: SIP/2.0/UDP $o;branch=x" },
		{ "v:SIP / 2.0 / UDP  " A " : 5060 ;branch=x",
			"v:SIP / 2.0 / UDP  192.0.2.1 : $p ;branch=x" },
		{ "Via: SIP/2.0/UDP " A ";branch=a,SIP/2.0/UDP " B
		  ":5070;branch=b;received=64:ff9b::c633:6407 , SIP/2.0/UDP 10.0.0.9;branch=c",
			"Via: SIP/2.0/UDP $o;branch=a,SIP/2.0/UDP "
			"198.51.100.9:5070;branch=b;received=198.51.100.7 , SIP/2.0/UDP "
			"10.0.0.9;branch=c" },
		{ "Via: SIP/2.0/UDP " B ";received=[64:ff9b::c633:6407];maddr=" B,
			"Via: SIP/2.0/UDP 198.51.100.9;received=198.51.100.7;maddr=198.51.100.9" },
		{ "Via: SIP/2.0/UDP phone.example.net:5060",
			"Via: SIP/2.0/UDP phone.example.net:5060" },
		{ "Via: SIP/2.0/UDP [2001:db8:1::3]:5060",
			"Via: SIP/2.0/UDP [2001:db8:1::3]:5060" },
		{ "Via: SIP/2.0/UDP [64:ff9b:1::c633:6407]",
			"Via: SIP/2.0/UDP [64:ff9b:1::c633:6407]" },
		{ "Via: SIP/2.0/UDP [2001:db8:1::2", "Via: SIP/2.0/UDP [2001:db8:1::2" },
		{ "Via: SIP/2.0/UDP [2001:db8:1::2%25eth0]",
			"Via: SIP/2.0/UDP [2001:db8:1::2%25eth0]" },
		{ "Via: SIP/2.0/UDP [2001:db8:1:0000000000000000000000000000000000000000:2]",
			"Via: SIP/2.0/UDP "
			"[2001:db8:1:0000000000000000000000000000000000000000:2]" },
		{ "Via: SIP/2.0/TLS " A ":5061", "Via: SIP/2.0/TLS " A ":5061" },
		{ "m: sip:a@" A ";expires=5", "m: sip:a@$o;expires=5" },
		{ "m: sip:" A, "m: sip:$o" },
		{ "Contact: \"x <sip:y@" A ">\" <sip:z:pw@" A ";ob>;q=1 , <sip:" A ":5060?a=b>",
			"Contact: \"x <sip:y@" A ">\" <sip:z:pw@$o;ob>;q=1 , <sip:$o?a=b>" },
		{ "Contact: <sip:a@example.net;maddr=" A ">",
			"Contact: <sip:a@example.net;maddr=192.0.2.1>" },
		{ "Contact: <sip:a@10.0.0.2>", "Contact: <sip:a@10.0.0.2>" },
		{ "Contact: <sip:a@240.0.0.0>", "Contact: <sip:a@240.0.0.0>" },
		{ "Route: <sip:" B ";lr>,<sip:[64:ff9b::198.51.100.7]:5070;lr>,<sip:" A ";lr>",
			"Route: <sip:198.51.100.9;lr>,<sip:198.51.100.7:5070;lr>,<sip:$o;lr>" },
		{ "f: <sip:a@" A ":5060>;tag=1", "f: <sip:a@$o>;tag=1" },
		{ "t: sip:" A, "t: sip:192.0.2.1" },
		{ "Refer-To: <sip:c@[64:ff9b::c633:6407]>", "Refer-To: <sip:c@198.51.100.7>" },
		{ "Subject: <sip:a@" A ">", "Subject: <sip:a@" A ">" },
	};
	struct line l;

	begin(&l, state);
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		char in[1024], out[1024];

		snprintf(in, sizeof(in), "SIP/2.0 200 OK\nCall-ID: 1\n%s\n\n", rows[i].in);
		snprintf(out, sizeof(out), "SIP/2.0 200 OK\nCall-ID: 1\n%s\n\n", rows[i].out);
		assert_string_equal(sip_up(&l, sip_fill(&l, in)), sip_fill(&l, out));
		/* and back: nothing of the outside is left in it */
		sip_down(&l, l.d.text);
		assert_lacks(l.d.text, "192.0.2.1");
	}
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

/* What a proxy says of the way that a request took goes back to it to the letter. */
static void
way_of_a_request_comes_back(void **state)
{
#define WAY                                                                                        \
	"Via: SIP/2.0/UDP 198.51.100.9;branch=z9;rport=5060,SIP/2.0/UDP "                          \
	"10.1.2.3:5062;received=10.1.2.4;branch=z8\n"                                              \
	"v: SIP/2.0/TCP [2001:db8:77::1]:5060;branch=z7\n"                                         \
	"Record-Route: <sip:198.51.100.9;lr;ftag=2>\n"                                             \
	"From: <sip:b@203.0.113.7>;tag=2\n"
	char answer[DGRAM_MAX];
	struct line l;

	begin(&l, state);
	sip_down(&l, sip_fill(&l, "OPTIONS sip:a@$o SIP/2.0\n" WAY
				  "To: <sip:a@$o>\nCall-ID: c2\nCSeq: 7 OPTIONS\n\n"));
	assert_has(l.d.text, "OPTIONS sip:a@" A ":5060 SIP/2.0\r\n");
	assert_has(l.d.text, "Via: SIP/2.0/UDP " B ";branch=z9;rport=5060,SIP/2.0/UDP "
			     "[64:ff9b::a01:203]:5062;");
	assert_has(l.d.text, "Record-Route: <sip:" B ";lr;ftag=2>\r\n");
	assert_has(l.d.text, "From: <sip:b@[64:ff9b::cb00:7107]>;tag=2\r\n");
	assert_has(l.d.text, "To: <sip:a@" A ":5060>\r\n");
	snprintf(answer, sizeof(answer), "SIP/2.0 200 OK%s", strstr(l.d.text, "\r\n"));
	assert_string_equal(sip_up(&l, answer),
		sip_fill(&l,
			"SIP/2.0 200 OK\n" WAY "To: <sip:a@$o>\nCall-ID: c2\nCSeq: 7 OPTIONS\n\n"));
	sip_finish(l.p);
}

/* ---- calls ---- */

static void
call_has_media_of_the_other_family(void **state)
{
	struct line l;
	unsigned int port;

	begin(&l, state);
	sip_up(&l, sip_whole(&l, INVITE6, OFFER6));
	port = sip_number(l.d.text, "m=audio ");
	assert_int_equal(port % 2, 0);
	assert_length(l.d.text);
	assert_has(l.d.text, "o=a 1 1 IN IP4 192.0.2.1\r\n");
	assert_has(l.d.text, "c=IN IP4 192.0.2.1\r\n");
	assert_lacks(l.d.text, "2001:");
	sip_down(&l, sip_whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	assert_length(l.d.text);
	assert_has(l.d.text, "o=b 1 1 IN IP6 64:ff9b::cb00:7107\r\n");
	assert_has(l.d.text, "c=IN IP6 64:ff9b::cb00:7107\r\n");
	assert_has(l.d.text, "m=audio 6000 RTP/AVP 0\r\n");
	assert_int_equal(sip_mappings(l.p), 3);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 40000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6001", sip_outside(port + 1)).port, 40001);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6002", sip_outside(port)).port, 0);
	sip_up(&l, sip_fill(&l, BYE6));
	assert_int_equal(sip_mappings(l.p), 1);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", sip_outside(port)).port, 0);
	sip_finish(l.p);
}

static void
registered_phone_is_called(void **state)
{
	struct line l;
	struct talk_end at;

	begin(&l, state);
	sip_up(&l, sip_fill(&l, "REGISTER sip:" B " SIP/2.0\nVia: SIP/2.0/UDP " A
				":5060;branch=z9hG4bK5\nFrom: <sip:a@example.net>;tag=1\n"
				"To: <sip:a@example.net>\nCall-ID: r1\nCSeq: 1 REGISTER\n"
				"Contact: <sip:a@" A ":5060>;expires=1800\n\n"));
	assert_has(l.d.text, "REGISTER sip:198.51.100.9 SIP/2.0\r\n");
	sip_down(&l, sip_fill(&l, "SIP/2.0 200 OK\nVia: SIP/2.0/UDP $o;branch=z9hG4bK5\n"
				  "From: <sip:a@example.net>;tag=1\nTo: <sip:a@example.net>;tag=2\n"
				  "Call-ID: r1\nCSeq: 1 REGISTER\n"
				  "Contact: <sip:a@$o>;expires=1200, <sip:a@203.0.113.1>\n\n"));
	assert_has(l.d.text,
		"Contact: <sip:a@" A ":5060>;expires=1200, <sip:a@[64:ff9b::cb00:7101]>\r\n");
	/* long after the flow is gone; from any port of the registrar's */
	sip_later(l.p, 1100000);
	l.proxy = talk_end("198.51.100.9:5099");
	sip_down(&l, sip_whole(&l,
			     "INVITE sip:a@$o SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9\n"
			     "From: <sip:b@198.51.100.9>;tag=2\nTo: <sip:a@$o>\nCall-ID: c2\n"
			     "CSeq: 7 INVITE\nContact: <sip:b@198.51.100.9>\n",
			     ANSWER));
	assert_has(l.d.text, "INVITE sip:a@" A ":5060 SIP/2.0\r\n");
	assert_has(l.d.text, "c=IN IP6 64:ff9b::cb00:7107\r\n");
	assert_length(l.d.text);
	sip_up(&l, sip_whole(&l,
			   "SIP/2.0 200 OK\nVia: SIP/2.0/UDP " B ";branch=z9\n"
			   "From: <sip:b@" B ">;tag=2\nTo: <sip:a@" A ":5060>;tag=1\n"
			   "Call-ID: c2\nCSeq: 7 INVITE\nContact: <sip:a@" A ">\n",
			   OFFER6));
	assert_lacks(l.d.text, "2001:");
	assert_lacks(l.d.text, "ff9b");
	at = sip_outside(sip_number(l.d.text, "m=audio "));
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6000", at).port, 0);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", at).port, 40000);
	sip_finish(l.p);
}

/* ---- descriptions ---- */

static void
each_form_of_description_is_read(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		/* on hold */
		{ "v=0\nc=IN IP6 ::\nm=audio 9 RTP/AVP 0\n",
			"v=0\nc=IN IP4 0.0.0.0\nm=audio 9 RTP/AVP 0\n" },
		/* no medium */
		{ "v=0\nc=IN IP6 2001:db8:1::2\nm=audio 0 RTP/AVP 0\n",
			"v=0\nc=IN IP4 192.0.2.1\nm=audio 0 RTP/AVP 0\n" },
		/* of somebody outside, of somebody else inside, of nobody */
		{ "v=0\nc=IN IP6 64:ff9b::c633:6407\nm=audio 4000 RTP/AVP 0\n",
			"v=0\nc=IN IP4 198.51.100.7\nm=audio 4000 RTP/AVP 0\n" },
		{ "v=0\nc=IN IP6 2001:db8:1::3\nm=audio 4000 RTP/AVP 0\n",
			"v=0\nc=IN IP6 2001:db8:1::3\nm=audio 4000 RTP/AVP 0\n" },
		{ "v=0\nc=IN IP6 phone.example.net\nm=audio 4000 RTP/AVP 0\n",
			"v=0\nc=IN IP6 phone.example.net\nm=audio 4000 RTP/AVP 0\n" },
		{ "v=0\nc=IN IP4 240.0.0.0\nm=audio 4000 RTP/AVP 0\n",
			"v=0\nc=IN IP4 240.0.0.0\nm=audio 4000 RTP/AVP 0\n" },
		{ "v=0\nc=IN IP4 2001:db8:1::2\nm=audio 4000 RTP/AVP 0\n",
			"v=0\nc=IN IP4 2001:db8:1::2\nm=audio 4000 RTP/AVP 0\n" },
		{ "v=0\nc=IN IP6 2001:db8:1::2::\nm=audio 4000 RTP/AVP 0\n",
			"v=0\nc=IN IP6 2001:db8:1::2::\nm=audio 4000 RTP/AVP 0\n" },
		{ "v=0\nc=IN IP6\nm=audio 4000 RTP/AVP 0\n",
			"v=0\nc=IN IP6\nm=audio 4000 RTP/AVP 0\n" },
	};
	struct line l;

	begin(&l, state);
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		assert_string_equal(offer(&l, rows[i].in), sip_fill(&l, rows[i].out));
		assert_int_equal(sip_mappings(l.p), 1);
	}
	/* RTCP elsewhere, and ICE, whose candidates are of no use to anybody */
	offer(&l, "v=0\nc=IN IP6 2001:db8:1::2\nm=audio 40000 RTP/AVP 0\n"
		  "a=rtcp:41001 IN IP6 2001:db8:1::2\n"
		  "a=candidate:1 1 UDP 2130706431 2001:db8:1::2 40000 typ host\n");
	assert_has(l.d.text, "c=IN IP4 192.0.2.1\r\n");
	assert_has(l.d.text, " IN IP4 192.0.2.1\r\na=candidate:1 1 UDP 2130706431 2001:db8");
	assert_int_equal(sip_mappings(l.p), 3);
	assert_int_equal(
		dgram_knock(l.p, "198.51.100.9:6001", sip_outside(sip_number(l.d.text, "a=rtcp:")))
			.port,
		41001);
	sip_finish(l.p);
}

static void
hold_of_the_remote_end_and_its_rtcp(void **state)
{
	struct line l;

	begin(&l, state);
	call(&l);
	sip_down(&l, sip_whole(&l, BACK("SIP/2.0 200 OK"),
			     "v=0\no=b 1 2 IN IP4 203.0.113.7\nc=IN IP4 0.0.0.0\n"
			     "m=audio 6000 RTP/AVP 0\nc=IN IP4 203.0.113.8\n"
			     "a=rtcp:7001 IN IP4 203.0.113.8\n"));
	assert_has(l.d.text, "c=IN IP6 ::\r\n");
	assert_has(l.d.text, "c=IN IP6 64:ff9b::cb00:7108\r\n");
	assert_has(l.d.text, "a=rtcp:7001 IN IP6 64:ff9b::cb00:7108\r\n");
	assert_length(l.d.text);
	sip_finish(l.p);
}

/* ---- others ---- */

/* Behind a CLAT somebody speaks IPv4, of addresses that nobody knows here. */
static void
phone_behind_a_clat_is_left_alone(void **state)
{
	struct line l;
	const char *said;

	begin(&l, state);
	said = sip_whole(&l, INVITE "Route: <sip:" B ";lr>\n", OFFER);
	assert_string_equal(sip_up(&l, said), said);
	said = sip_whole(&l, BACK("SIP/2.0 200 OK"), ANSWER);
	assert_string_equal(sip_down(&l, said), said);
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
}

/* By TCP, in pieces; bytes are counted on both sides. */
static void
messages_in_a_stream(void **state)
{
	struct pipe *p = sip_gateway(state, CONF);
	struct line l = { .p = p };
	struct talk t;
	char text[2 * DGRAM_MAX];
	const char *got;

	talk_open(&t, p, SIX_PHONE, PROXY);
	l.out = t.from[SL_INSIDE];
	snprintf(text, sizeof(text), "%s", sip_whole(&l, INVITE6, OFFER6));
	memcpy(strstr(text, "/UDP"), "/TCP", 4);
	assert_string_equal(talk_say(&t, SL_INSIDE, sip_fill(&l, "\n\n")), "\r\n\r\n");
	got = talk_say(&t, SL_INSIDE, text);
	assert_has(got, "Via: SIP/2.0/TCP 192.0.2.1:");
	assert_has(got, "c=IN IP4 192.0.2.1\r\n");
	assert_length(got);
	snprintf(text, sizeof(text), "%s", sip_whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	memcpy(strstr(text, "/UDP"), "/TCP", 4);
	got = talk_say(&t, SL_OUTSIDE, text);
	assert_has(got, "Via: SIP/2.0/TCP " A ":5060;");
	assert_has(got, "c=IN IP6 64:ff9b::cb00:7107\r\n");
	assert_length(got);
	snprintf(text, sizeof(text), "%s", sip_fill(&l, BYE6));
	memcpy(strstr(text, "/UDP"), "/TCP", 4);
	talk_say(&t, SL_INSIDE, text);
	assert_int_equal(sip_mappings(p), 1);
	sip_finish(p);
}

/* A call outlives the flow that began it, and may outlive the stand-in of its host, which then
 * stands for another one. */
static void
call_of_a_host_that_has_gone_is_nobody_elses(void **state)
{
#define IN_CALL                                                                                    \
	"From: <sip:a@example.net>;tag=1\nTo: <sip:b@example.net>;tag=2\nCall-ID: c1\n"            \
	"Contact: <sip:a@example.net>\n"
	struct line l;
	const char *said;

	begin(&l, state);
	sip_up(&l, sip_fill(&l, "INVITE sip:b SIP/2.0\n" IN_CALL "CSeq: 1 INVITE\n\n"));
	sip_down(&l, sip_fill(&l, "SIP/2.0 200 OK\n" IN_CALL "CSeq: 1 INVITE\n\n"));
	sip_later(l.p, 400000);
	assert_int_equal(sip_mappings(l.p), 0);
	sip_later(l.p, 400000);
	l.phone = talk_end("10.6.0.3:5060");
	said = sip_whole(&l, "UPDATE sip:b SIP/2.0\n" IN_CALL "CSeq: 2 UPDATE\n",
		"v=0\nc=IN IP6 2001:db8:1::3\nm=audio 40000 RTP/AVP 0\n");
	assert_string_equal(sip_up(&l, said), said);
	sip_finish(l.p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(request_goes_out_as_if_the_phone_had_ipv4),
	cmocka_unit_test(response_comes_in_as_if_the_server_had_ipv6),
	cmocka_unit_test(each_form_of_header_is_read),
	cmocka_unit_test(way_of_a_request_comes_back),
	cmocka_unit_test(call_has_media_of_the_other_family),
	cmocka_unit_test(registered_phone_is_called),
	cmocka_unit_test(each_form_of_description_is_read),
	cmocka_unit_test(hold_of_the_remote_end_and_its_rtcp),
	cmocka_unit_test(phone_behind_a_clat_is_left_alone),
	cmocka_unit_test(messages_in_a_stream),
	cmocka_unit_test(call_of_a_host_that_has_gone_is_nobody_elses),
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
