/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The SIP helper through whole gateways: what becomes of messages in both directions, what comes
 * in because of them and for how long, and what must open nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dgram.h"

#define PHONE "10.0.0.2:5060"
#define PROXY "198.51.100.9:5060"
#define BASE 1000000

/** A phone inside and its remote end, by UDP. */
struct line {
	struct pipe *p;
	struct talk_end phone, proxy, out; /* out: what stands for the phone */
	struct dgram d;
};

/* ---- set-up ---- */

static struct pipe *
gateway(void **state, const char *conf)
{
	char text[256];

	snprintf(text, sizeof(text), "helper sip on; pool 192.0.2.1-192.0.2.1 udp=apd tcp=apd; %s",
		conf);
	return pipe_create(*(unsigned int *)*state, text, 1, BASE);
}

static void
finish(struct pipe *p)
{
	char why[128] = "";

	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static uint64_t
mappings(const struct pipe *p)
{
	return sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW);
}

/* A text with $N for CRLF, the values of $o (the phone's outside endpoint) and $p (its port). */
static const char *
fill(const struct line *l, const char *text)
{
	static char out[4][DGRAM_MAX];
	static unsigned int next;
	char *to = out[next++ % 4];
	size_t n = 0;

	for (; *text != 0; text++) {
		if (text[0] == '\n') {
			n += (size_t)snprintf(to + n, DGRAM_MAX - n, "\r\n");
		} else if (text[0] == '$') {
			text++;
			n += (size_t)snprintf(to + n, DGRAM_MAX - n,
				*text == 'o' ? "192.0.2.1:%u" : "%u", l->out.port);
		} else {
			to[n++] = *text;
		}
	}
	to[n] = 0;
	return to;
}

/* With a body and its length. */
static const char *
whole(const struct line *l, const char *head, const char *body)
{
	static char out[2][DGRAM_MAX];
	static unsigned int next;
	char *to = out[next++ % 2];
	const char *b = fill(l, body);

	snprintf(to, DGRAM_MAX, "%sContent-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
		fill(l, head), strlen(b), b);
	return to;
}

static const char *
up(struct line *l, const char *text)
{
	assert_true(dgram_pass(l->p, SL_INSIDE, l->phone, l->proxy, text, &l->d));
	assert_int_equal(l->d.side, SL_OUTSIDE);
	l->out = l->d.src;
	return l->d.text;
}

static const char *
down(struct line *l, const char *text)
{
	assert_true(dgram_pass(l->p, SL_OUTSIDE, l->proxy, l->out, text, &l->d));
	assert_int_equal(l->d.side, SL_INSIDE);
	return l->d.text;
}

static void
begin(struct line *l, void **state, const char *conf)
{
	*l = (struct line){
		.p = gateway(state, conf),
		.phone = talk_end(PHONE),
		.proxy = talk_end(PROXY),
	};
	assert_string_equal(up(l, "\r\n\r\n"), "\r\n\r\n");
}

/* Number behind a word. */
static unsigned int
number(const char *text, const char *before)
{
	const char *at = strstr(text, before);
	unsigned int n = 0;

	if (at == NULL || sscanf(at + strlen(before), "%u", &n) != 1)
		fail_msg("no number behind '%s' in:\n%s", before, text);
	return n;
}

static struct talk_end
outside(unsigned int port)
{
	struct talk_end e = talk_end("192.0.2.1:1");

	e.port = (uint16_t)port;
	return e;
}

/* Time goes on; sweeps get their turns. */
static void
later(struct pipe *p, uint64_t ms)
{
	p->now += ms - 64;
	for (unsigned int i = 0; i < 64; i++) {
		p->now++;
		pipe_poll(p, 4);
	}
	pipe_settle(p);
	pipe_discard(p);
}

/* Content-Length is that of the body. */
static void
assert_length(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");

	assert_non_null(body);
	assert_int_equal(number(text, "Content-Length: "), strlen(body + 4));
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no '%s' in:\n%s", part, text);
}

static void
assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("'%s' in:\n%s", part, text);
}

/* ---- messages ---- */

#define HEAD(start, tag)                                                                           \
	start "\n"                                                                                 \
	      "Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1;rport\n"                             \
	      "From: \"A\" <sip:a@10.0.0.2>;tag=1\nTo: <sip:b@198.51.100.9>" tag "\n"              \
	      "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:a@10.0.0.2:5060>\n"
#define BACK(start)                                                                                \
	start "\n"                                                                                 \
	      "Via: SIP/2.0/UDP $o;branch=z9hG4bK1;rport=$p;received=192.0.2.1\n"                  \
	      "From: \"A\" <sip:a@192.0.2.1>;tag=1\nTo: <sip:b@198.51.100.9>;tag=2\n"              \
	      "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:b@198.51.100.9>\n"
#define INVITE HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", "")
#define BYE                                                                                        \
	"BYE sip:b@198.51.100.9 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK3\n"         \
	"From: \"A\" <sip:a@10.0.0.2>;tag=1\nTo: <sip:b@198.51.100.9>;tag=2\n"                     \
	"Call-ID: c1\nCSeq: 2 BYE\nContent-Length: 0\n\n"
#define OFFER                                                                                      \
	"v=0\no=a 1 1 IN IP4 10.0.0.2\ns=-\nc=IN IP4 10.0.0.2\nt=0 0\n"                            \
	"m=audio 40000 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"
#define ANSWER                                                                                     \
	"v=0\no=b 1 1 IN IP4 203.0.113.7\ns=-\nc=IN IP4 203.0.113.7\nt=0 0\nm=audio 6000 RTP/AVP " \
	"0\n"

/* A call from inside; the outside port of its media. */
static unsigned int
call(struct line *l)
{
	unsigned int port = number(up(l, whole(l, INVITE, OFFER)), "m=audio ");

	down(l, whole(l, BACK("SIP/2.0 200 OK"), ANSWER));
	return port;
}

/* ---- header fields ---- */

static void
request_goes_out_with_outside_addresses(void **state)
{
	struct line l;

	begin(&l, state, "");
	up(&l, fill(&l, INVITE "Content-Length: 0\n\n"));
	assert_string_equal(
		l.d.text, fill(&l, "INVITE sip:b@198.51.100.9 SIP/2.0\n"
				   "Via: SIP/2.0/UDP $o;branch=z9hG4bK1;rport\n"
				   "From: \"A\" <sip:a@192.0.2.1>;tag=1\nTo: <sip:b@198.51.100.9>\n"
				   "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:a@$o>\n"
				   "Content-Length: 0\n\n"));
	finish(l.p);
}

static void
response_comes_in_with_inside_addresses(void **state)
{
	struct line l;

	begin(&l, state, "");
	up(&l, fill(&l, INVITE "Content-Length: 0\n\n"));
	down(&l, fill(&l, BACK("SIP/2.0 180 Ringing") "Content-Length: 0\n\n"));
	assert_has(l.d.text,
		"Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1;rport=5060;received=10.0.0.2\r\n");
	assert_has(l.d.text, "From: \"A\" <sip:a@10.0.0.2>;tag=1\r\n");
	assert_has(l.d.text, "Contact: <sip:b@198.51.100.9>\r\n");
	finish(l.p);
}

static void
each_form_of_header_is_read(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "v: SIP/2.0/UDP 10.0.0.2", "v: SIP/2.0/UDP $o" },
		{ "v:SIP / 2.0 / UDP  10.0.0.2 : 5060 ;branch=z9hG4bKx",
			"v:SIP / 2.0 / UDP  192.0.2.1 : $p ;branch=z9hG4bKx" },
		{ "VIA: SIP/2.0/UDP\n 10.0.0.2:5060\n\t;branch=x",
			"VIA: SIP/2.0/UDP\n 192.0.2.1:$p\n\t;branch=x" },
		{ "Via: SIP/2.0/UDP 10.0.0.2;branch=a,SIP/2.0/UDP 10.0.0.9;branch=b , SIP/2.0/UDP "
		  "10.0.0.2:5060",
			"Via: SIP/2.0/UDP $o;branch=a,SIP/2.0/UDP 10.0.0.9;branch=b , SIP/2.0/UDP "
			"$o" },
		{ "Via: SIP/2.0/UDP phone.example.net:5060",
			"Via: SIP/2.0/UDP phone.example.net:5060" },
		{ "Via: SIP/2.0/UDP [2001:db8::2]:5060", "Via: SIP/2.0/UDP [2001:db8::2]:5060" },
		{ "Via: SIP/2.0/TLS 10.0.0.2:5061", "Via: SIP/2.0/TLS 10.0.0.2:5061" },
		{ "Via: SIP/2.0/UDP 10.0.0.21:5060", "Via: SIP/2.0/UDP 10.0.0.21:5060" },
		{ "m: sip:a@10.0.0.2;expires=5", "m: sip:a@$o;expires=5" },
		{ "m: sip:10.0.0.2", "m: sip:$o" },
		{ "Contact : \"x <sip:y@10.0.0.2>, \\\" ,\" <sip:z:pw@10.0.0.2;ob>;q=1 , "
		  "<sip:10.0.0.2:5060?a=b>",
			"Contact : \"x <sip:y@10.0.0.2>, \\\" ,\" <sip:z:pw@$o;ob>;q=1 , "
			"<sip:$o?a=b>" },
		{ "Contact: <sip:a@10.0.0.2.example.net>",
			"Contact: <sip:a@10.0.0.2.example.net>" },
		{ "Contact: <sips:a@10.0.0.2>", "Contact: <sips:a@10.0.0.2>" },
		{ "Contact: <sip:a@10.0.0.2;transport=tls>",
			"Contact: <sip:a@10.0.0.2;transport=tls>" },
		{ "Contact: <sip:a@[2001:db8::1]:5060>", "Contact: <sip:a@[2001:db8::1]:5060>" },
		{ "Contact: *", "Contact: *" },
		{ "Contact: <sip:a@example.net;maddr=10.0.0.2>",
			"Contact: <sip:a@example.net;maddr=192.0.2.1>" },
		{ "Route: <sip:198.51.100.9;lr>,<sip:10.0.0.2;lr>",
			"Route: <sip:198.51.100.9;lr>,<sip:$o;lr>" },
		{ "Record-Route: <sip:10.0.0.2:5060;lr=on>", "Record-Route: <sip:$o;lr=on>" },
		{ "f: <sip:a@10.0.0.2:5060>;tag=1", "f: <sip:a@$o>;tag=1" },
		{ "t: sip:10.0.0.2", "t: sip:192.0.2.1" },
		{ "P-Asserted-Identity: <tel:+1>, <sip:a@10.0.0.2>",
			"P-Asserted-Identity: <tel:+1>, <sip:a@192.0.2.1>" },
		{ "Subject: <sip:a@10.0.0.2>", "Subject: <sip:a@10.0.0.2>" },
	};
	struct line l;

	begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		char in[1024], out[1024];

		snprintf(in, sizeof(in), "OPTIONS sip:x SIP/2.0\nCall-ID: 1\n%s\n\n", rows[i].in);
		snprintf(
			out, sizeof(out), "OPTIONS sip:x SIP/2.0\nCall-ID: 1\n%s\n\n", rows[i].out);
		assert_string_equal(up(&l, fill(&l, in)), fill(&l, out));
		/* and back: what a proxy may show of it comes in as it was, but for the port */
		down(&l, l.d.text);
		assert_lacks(l.d.text, "192.0.2.1");
	}
	assert_int_equal(mappings(l.p), 1);
	finish(l.p);
}

/* ---- calls ---- */

static void
call_from_inside_has_media(void **state)
{
	struct line l;
	unsigned int port;

	begin(&l, state, "");
	up(&l, whole(&l, INVITE, OFFER));
	port = number(l.d.text, "m=audio ");
	assert_int_equal(port % 2, 0);
	assert_length(l.d.text);
	assert_has(l.d.text, "o=a 1 1 IN IP4 192.0.2.1\r\n");
	assert_has(l.d.text, "c=IN IP4 192.0.2.1\r\n");
	assert_lacks(l.d.text, "10.0.0.2");
	/* until there is an answer: the remote end of the signalling */
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(port)).port, 0);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6000", outside(port)).port, 40000);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6001", outside(port + 1)).port, 40001);
	/* then who answers, alone */
	down(&l, whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	assert_has(l.d.text, "c=IN IP4 203.0.113.7\r\n");
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(port)).port, 40000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6001", outside(port + 1)).port, 40001);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6002", outside(port)).port, 0);
	assert_int_equal(dgram_knock(l.p, "203.0.113.8:6000", outside(port)).port, 0);
	finish(l.p);
}

static void
bye_closes_what_the_call_has_opened(void **state)
{
	struct line l;
	unsigned int port;

	begin(&l, state, "");
	port = call(&l);
	assert_int_equal(mappings(l.p), 3);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(port)).port, 40000);
	up(&l, fill(&l, BYE));
	assert_int_equal(mappings(l.p), 1);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(port)).port, 0);
	down(&l, fill(&l, BACK("SIP/2.0 200 OK") "\n"));
	finish(l.p);
}

/* ---- more of calls ---- */

static void
call_from_outside_has_media(void **state)
{
	struct line l;
	struct talk_end at;

	begin(&l, state, "");
	down(&l, whole(&l,
			 "INVITE sip:a@$o SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9\n"
			 "From: <sip:b@198.51.100.9>;tag=2\nTo: <sip:a@$o>\nCall-ID: c2\n"
			 "CSeq: 7 INVITE\nContact: <sip:b@198.51.100.9>\n",
			 ANSWER));
	assert_has(l.d.text, "INVITE sip:a@10.0.0.2:5060 SIP/2.0\r\n");
	assert_has(l.d.text, "To: <sip:a@10.0.0.2:5060>\r\n");
	assert_has(l.d.text, "c=IN IP4 203.0.113.7\r\n");
	up(&l, whole(&l,
		       "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9\n"
		       "From: <sip:b@198.51.100.9>;tag=2\nTo: <sip:a@10.0.0.2:5060>;tag=1\n"
		       "Call-ID: c2\nCSeq: 7 INVITE\nContact: <sip:a@10.0.0.2>\n",
		       OFFER));
	assert_lacks(l.d.text, "10.0.0.2");
	assert_length(l.d.text);
	/* the offer has said where its media are: nobody else, from the first on */
	at = outside(number(l.d.text, "m=audio "));
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6000", at).port, 0);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", at).port, 40000);
	down(&l, fill(&l, "BYE sip:a@$o SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.9;branch=z8\n"
			  "From: <sip:b@198.51.100.9>;tag=2\nTo: <sip:a@$o>;tag=1\nCall-ID: c2\n"
			  "CSeq: 8 BYE\n\n"));
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", at).port, 0);
	assert_int_equal(mappings(l.p), 1);
	finish(l.p);
}

static void
refused_call_closes_its_ports(void **state)
{
	static const char *const refusals[] = { "SIP/2.0 486 Busy Here", "SIP/2.0 603 Decline",
		"SIP/2.0 302 Moved", "SIP/2.0 487 Request Terminated" };
	struct line l;

	begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(refusals); i++) {
		char back[DGRAM_MAX];

		up(&l, whole(&l, INVITE, OFFER));
		assert_int_equal(mappings(l.p), 3);
		snprintf(back, sizeof(back), "%s%s\n", refusals[i], strchr(BACK("x"), '\n'));
		down(&l, fill(&l, back));
		assert_int_equal(mappings(l.p), 1);
	}
	/* a challenge is none: it comes again, at the same ports */
	up(&l, whole(&l, INVITE, OFFER));
	down(&l, fill(&l, BACK("SIP/2.0 407 Proxy Authentication Required") "\n"));
	assert_int_equal(mappings(l.p), 3);
	later(l.p, 40000);
	assert_int_equal(mappings(l.p), 1);
	finish(l.p);
}

static void
call_that_nobody_answers_is_forgotten(void **state)
{
	struct line l;
	unsigned int port;

	begin(&l, state, "");
	port = number(up(&l, whole(&l, INVITE, OFFER)), "m=audio ");
	later(l.p, 170000);
	down(&l, fill(&l, BACK("SIP/2.0 180 Ringing") "\n"));
	later(l.p, 170000);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6000", outside(port)).port, 40000);
	later(l.p, 20000);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:6002", outside(port)).port, 0);
	finish(l.p);
}

static void
call_outlives_the_flow_that_began_it(void **state)
{
	struct line l;
	unsigned int port;

	begin(&l, state, "");
	port = call(&l);
	/* an hour without a word: UDP flows live for five minutes */
	later(l.p, 3600000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(port)).port, 40000);
	/* the remote end hangs up, from another port, where the phone was */
	l.proxy = talk_end("198.51.100.9:5070");
	down(&l, fill(&l, "BYE sip:a@$o SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.9:5070;branch=z8\n"
			  "From: <sip:b@198.51.100.9>;tag=2\nTo: <sip:a@192.0.2.1>;tag=1\n"
			  "Call-ID: c1\nCSeq: 8 BYE\n\n"));
	assert_has(l.d.text, "BYE sip:a@10.0.0.2:5060 SIP/2.0\r\n");
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(port)).port, 0);
	finish(l.p);
}

static void
session_timer_is_believed(void **state)
{
	struct line l;
	unsigned int port;

	begin(&l, state, "");
	port = number(up(&l, whole(&l, INVITE, OFFER)), "m=audio ");
	down(&l, whole(&l, BACK("SIP/2.0 200 OK") "Session-Expires: 1800;refresher=uac\n", ANSWER));
	later(l.p, 1800000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(port)).port, 40000);
	later(l.p, 400000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6002", outside(port)).port, 0);
	finish(l.p);
}

static void
calls_of_one_port_keep_it_until_the_last_has_ended(void **state)
{
	struct line l;
	unsigned int port;
	char text[DGRAM_MAX], *at;

	begin(&l, state, "");
	port = call(&l);
	snprintf(text, sizeof(text), "%s", whole(&l, INVITE, OFFER));
	at = strstr(text, "Call-ID: c1");
	memcpy(at, "Call-ID: c9", 11);
	assert_int_equal(number(up(&l, text), "m=audio "), port);
	up(&l, fill(&l, BYE));
	assert_int_equal(mappings(l.p), 3);
	snprintf(text, sizeof(text), "%s", fill(&l, BYE));
	memcpy(strstr(text, "Call-ID: c1"), "Call-ID: c9", 11);
	up(&l, text);
	assert_int_equal(mappings(l.p), 1);
	finish(l.p);
}

#define SDP(c, rest) "v=0\no=a 1 2 IN IP4 10.0.0.2\ns=-\n" c "t=0 0\n" rest

static void
call_on_hold_keeps_its_port(void **state)
{
	struct line l;
	unsigned int port;

	begin(&l, state, "");
	port = call(&l);
	up(&l, whole(&l, HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", ";tag=2"),
		       SDP("c=IN IP4 0.0.0.0\n", "m=audio 40000 RTP/AVP 0\na=sendonly\n")));
	assert_has(l.d.text, "c=IN IP4 0.0.0.0\r\n");
	assert_int_equal(number(l.d.text, "m=audio "), port);
	down(&l, whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	assert_int_equal(
		number(up(&l, whole(&l, HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", ";tag=2"),
				      OFFER)),
			"m=audio "),
		port);
	down(&l, whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(port)).port, 40000);
	finish(l.p);
}

static void
other_port_in_the_call_replaces_the_first_when_it_is_agreed_upon(void **state)
{
	static const char again[] = SDP("c=IN IP4 10.0.0.2\n", "m=audio 41000 RTP/AVP 0\n");
	struct line l;
	unsigned int first, second;

	begin(&l, state, "");
	first = call(&l);
	/* refused: the first one goes on */
	second = number(
		up(&l, whole(&l, HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", ";tag=2"), again)),
		"m=audio ");
	assert_int_equal(mappings(l.p), 5);
	down(&l, fill(&l, BACK("SIP/2.0 488 Not Acceptable Here") "\n"));
	assert_int_equal(mappings(l.p), 3);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(first)).port, 40000);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(second)).port, 0);
	second = number(
		up(&l, whole(&l, HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", ";tag=2"), again)),
		"m=audio ");
	down(&l, whole(&l, BACK("SIP/2.0 200 OK"), ANSWER));
	assert_int_equal(mappings(l.p), 3);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(first)).port, 0);
	assert_int_equal(dgram_knock(l.p, "203.0.113.7:6000", outside(second)).port, 41000);
	up(&l, fill(&l, BYE));
	assert_int_equal(mappings(l.p), 1);
	finish(l.p);
}

/* ---- descriptions ---- */

static void
description_of_several_media(void **state)
{
	struct line l;
	unsigned int audio, video, data;

	begin(&l, state, "");
	up(&l, whole(&l, INVITE,
		       SDP("c=IN IP4 10.0.0.2\n",
			       "m=audio 40000 RTP/AVP 0\nc=IN IP4 10.0.0.2/127\n"
			       "a=rtcp:40001 IN IP4 10.0.0.2\n"
			       "m=video 0 RTP/AVP 31\n"
			       "m=video 42000/2 RTP/AVP 31\na=rtcp:42001\n"
			       "m=image 43000 udptl t38\n"
			       "m=audio 44000 RTP/AVP 0\nc=IN IP4 198.51.100.77\n"
			       "m=message 45000 TCP/MSRP *\n")));
	assert_length(l.d.text);
	audio = number(l.d.text, "m=audio ");
	assert_has(l.d.text, "c=IN IP4 192.0.2.1/127\r\n");
	assert_int_equal(number(l.d.text, "a=rtcp:"), audio + 1);
	assert_has(l.d.text, " IN IP4 192.0.2.1\r\nm=video 0 RTP/AVP 31\r\n");
	video = number(strstr(l.d.text, "m=video 0") + 1, "m=video ");
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:1", outside(video)).port, 42000);
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:1", outside(video + 1)).port, 42001);
	/* Several workers have no four ports in a row: then it is one pair, and says so. */
	if (l.p->n_workers == 1) {
		assert_has(l.d.text, "/2 RTP/AVP 31\r\n");
		assert_int_equal(
			dgram_knock(l.p, "198.51.100.9:1", outside(video + 2)).port, 42002);
		assert_int_equal(
			dgram_knock(l.p, "198.51.100.9:1", outside(video + 3)).port, 42003);
	} else {
		assert_lacks(l.d.text, "/2 ");
	}
	data = number(l.d.text, "m=image ");
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:1", outside(data)).port, 43000);
	assert_has(l.d.text, "m=audio 44000 RTP/AVP 0\r\nc=IN IP4 198.51.100.77\r\n");
	data = number(l.d.text, "m=message ");
	assert_int_equal(talk_knock(l.p, "198.51.100.9:1", outside(data)).port, 45000);
	finish(l.p);
}

static void
rtcp_elsewhere_has_a_port_of_its_own(void **state)
{
	struct line l;
	unsigned int rtcp;

	begin(&l, state, "");
	up(&l, whole(&l, INVITE,
		       SDP("c=IN IP4 10.0.0.2\n", "m=audio 40000 RTP/AVP 0\na=rtcp:50003\n")));
	rtcp = number(l.d.text, "a=rtcp:");
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:1", outside(rtcp)).port, 50003);
	assert_int_equal(mappings(l.p), 3);
	finish(l.p);
}

/* A phone may send media before its answer has come through. */
static void
media_that_flow_already_have_their_rtcp_said(void **state)
{
	struct line l;
	unsigned int rtp;

	begin(&l, state, "");
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
		up(&l, whole(&l, INVITE, body));
		assert_length(l.d.text);
		assert_int_equal(number(l.d.text, "m=audio "), rtp);
		said = strstr(l.d.text, "a=rtcp:");
		assert_int_equal(dgram_knock(l.p, "198.51.100.9:1",
					 outside(said != NULL ? number(said, "a=rtcp:") : rtp + 1))
					 .port,
			20001 + 2 * i);
		assert_has(l.d.text, said != NULL ? "a=x\r\na=rtcp:" : "a=x\r\n");
	}
	finish(l.p);
}

static void
media_behind_a_forward_are_where_it_is(void **state)
{
	struct line l;

	begin(&l, state, "forward udp 192.0.2.1:40000 > 10.0.0.2:40000");
	up(&l, whole(&l, INVITE, OFFER));
	assert_int_equal(number(l.d.text, "m=audio "), 40000);
	assert_lacks(l.d.text, "10.0.0.2");
	finish(l.p);
}

static void
multipart_body_has_its_description_read(void **state)
{
	struct line l;
	char text[DGRAM_MAX], body[2048];

	begin(&l, state, "");
	snprintf(body, sizeof(body), "%s",
		fill(&l, "x\n--b-1\nContent-Type: text/plain\n\nc=IN IP4 10.0.0.2\n--b-1\n"
			 "Content-Type: application/sdp\n\n" OFFER "--b-1--\n"));
	snprintf(text, sizeof(text),
		"%sc: multipart/mixed;boundary=\"b-1\"\r\nContent-Length: %zu\r\n\r\n%s",
		fill(&l, INVITE), strlen(body), body);
	up(&l, text);
	assert_length(l.d.text);
	assert_has(l.d.text, "text/plain\r\n\r\nc=IN IP4 10.0.0.2\r\n--b-1\r\n");
	assert_has(l.d.text, "c=IN IP4 192.0.2.1\r\nt=0 0\r\n");
	assert_int_equal(mappings(l.p), 3);
	finish(l.p);
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

	begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(bodies); i++) {
		up(&l, whole(&l, INVITE, bodies[i]));
		assert_length(l.d.text);
		assert_int_equal(mappings(l.p), 1);
	}
	/* and what is right still does */
	up(&l, whole(&l, INVITE, OFFER));
	assert_int_equal(mappings(l.p), 3);
	finish(l.p);
}

static void
description_without_a_call_opens_nothing(void **state)
{
	static const char *const starts[] = { "SIP/2.0 200 OK", "SIP/2.0 183 Progress",
		"ACK sip:b SIP/2.0", "UPDATE sip:b SIP/2.0", "OPTIONS sip:b SIP/2.0",
		"MESSAGE sip:b SIP/2.0", "invite sip:b SIP/2.0", "BYE sip:b SIP/2.0" };
	struct line l;

	begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(starts); i++) {
		char head[512];

		snprintf(head, sizeof(head), "%s\nCall-ID: z\nCSeq: 1 INVITE\n", starts[i]);
		up(&l, whole(&l, head, OFFER));
		assert_has(l.d.text, "m=audio 40000");
		assert_int_equal(mappings(l.p), 1);
	}
	finish(l.p);
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

	begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(texts); i++)
		assert_string_equal(up(&l, texts[i]), texts[i]);
	assert_int_equal(mappings(l.p), 1);
	finish(l.p);
}

static void
body_shorter_than_it_says_is_left_alone(void **state)
{
	struct line l;

	begin(&l, state, "");
	up(&l, fill(&l, INVITE "Content-Type: application/sdp\nContent-Length: 9999\n\n" OFFER));
	assert_has(l.d.text, "Content-Length: 9999\r\n");
	assert_has(l.d.text, "m=audio 40000");
	/* and what is longer counts as far as it says */
	up(&l, fill(&l, INVITE "Content-Type: application/sdp\nContent-Length: 5\n\n" OFFER));
	assert_has(l.d.text, "m=audio 40000");
	assert_int_equal(mappings(l.p), 1);
	finish(l.p);
}

static void
many_ports_have_an_end(void **state)
{
	struct line l;

	begin(&l, state, "");
	for (unsigned int i = 0; i < 200; i++) {
		char head[512], body[512];

		snprintf(head, sizeof(head), "INVITE sip:b SIP/2.0\nCall-ID: %u\nCSeq: 1 INVITE\n",
			i);
		snprintf(body, sizeof(body), "v=0\nc=IN IP4 10.0.0.2\nm=audio %u RTP/AVP 0\n",
			20000 + 2 * i);
		up(&l, whole(&l, head, body));
		assert_length(l.d.text);
	}
	assert_int_equal(mappings(l.p), 1 + 2 * 64);
	later(l.p, 200000);
	assert_int_equal(mappings(l.p), 1);
	finish(l.p);
}

static void
bye_of_another_dialog_closes_nothing(void **state)
{
	struct line l;

	begin(&l, state, "");
	call(&l);
	up(&l, fill(&l, "BYE sip:b SIP/2.0\nFrom: <sip:a@10.0.0.2>;tag=1\nTo: <sip:b>;tag=3\n"
			"Call-ID: c1\nCSeq: 2 BYE\n\n"));
	assert_int_equal(mappings(l.p), 3);
	up(&l, fill(&l, BYE));
	assert_int_equal(mappings(l.p), 1);
	finish(l.p);
}

/* ---- registrations ---- */

#define REGISTER(contact)                                                                          \
	"REGISTER sip:198.51.100.9 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK5\n"      \
	"From: <sip:a@example.net>;tag=1\nTo: <sip:a@example.net>\nCall-ID: r1\n"                  \
	"CSeq: 1 REGISTER\nContact: " contact "\nContent-Length: 0\n\n"
#define REGISTERED(contact)                                                                        \
	"SIP/2.0 200 OK\nVia: SIP/2.0/UDP $o;branch=z9hG4bK5\n"                                    \
	"From: <sip:a@example.net>;tag=1\nTo: <sip:a@example.net>;tag=2\nCall-ID: r1\n"            \
	"CSeq: 1 REGISTER\n" contact "Content-Length: 0\n\n"

static void
registered_phone_can_be_called(void **state)
{
	static const char ask[] = "OPTIONS sip:a@$o SIP/2.0\nCall-ID: o\nCSeq: 1 OPTIONS\n\n";
	struct line l;

	begin(&l, state, "");
	up(&l, fill(&l, REGISTER("<sip:a@10.0.0.2:5060>;expires=1800")));
	down(&l, fill(&l, REGISTERED("Contact: <sip:a@$o>;expires=1200, <sip:a@203.0.113.1>\n")));
	assert_has(
		l.d.text, "Contact: <sip:a@10.0.0.2:5060>;expires=1200, <sip:a@203.0.113.1>\r\n");
	/* long after the flow is gone; from any port of the registrar's */
	later(l.p, 1100000);
	l.proxy = talk_end("198.51.100.9:5099");
	assert_has(down(&l, fill(&l, ask)), "OPTIONS sip:a@10.0.0.2:5060 SIP/2.0\r\n");
	assert_false(dgram_pass(
		l.p, SL_OUTSIDE, talk_end("203.0.113.66:5060"), l.out, fill(&l, ask), &l.d));
	/* and no longer than it was granted */
	later(l.p, 600000);
	assert_false(dgram_pass(l.p, SL_OUTSIDE, l.proxy, l.out, fill(&l, ask), &l.d));
	finish(l.p);
}

static void
phone_that_leaves_cannot_be_called(void **state)
{
	struct line l;
	struct talk_end other = talk_end("198.51.100.9:5099");

	begin(&l, state, "");
	up(&l, fill(&l, REGISTER("<sip:a@10.0.0.2:5060>")));
	down(&l, fill(&l, REGISTERED("Contact: <sip:a@$o>\nExpires: 1800\n")));
	assert_true(dgram_pass(l.p, SL_OUTSIDE, other, l.out, "x", &l.d));
	up(&l, fill(&l, REGISTER("<sip:a@10.0.0.2:5060>;expires=0")));
	down(&l, fill(&l, REGISTERED("")));
	later(l.p, 2000);
	other.port++;
	assert_false(dgram_pass(l.p, SL_OUTSIDE, other, l.out, "x", &l.d));
	finish(l.p);
}

static void
phone_at_another_port_than_it_speaks_from(void **state)
{
	struct line l;
	struct talk_end at;

	begin(&l, state, "");
	l.phone = talk_end("10.0.0.2:40123");
	up(&l, "\r\n");
	up(&l, fill(&l, REGISTER("<sip:a@10.0.0.2:5060>")));
	at = outside(number(l.d.text, "Contact: <sip:a@192.0.2.1:"));
	assert_int_not_equal(at.port, l.out.port);
	assert_int_equal(number(l.d.text, "SIP/2.0/UDP 192.0.2.1:"), at.port);
	/* what the registrar says of it is the phone's own again */
	{
		char text[DGRAM_MAX];

		snprintf(text, sizeof(text),
			"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:%u;branch=z\r\nCall-ID: "
			"r1\r\n"
			"CSeq: 1 REGISTER\r\nContact: <sip:a@192.0.2.1:%u>\r\n\r\n",
			at.port, at.port);
		down(&l, text);
	}
	assert_has(l.d.text, "Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z\r\n");
	assert_has(l.d.text, "Contact: <sip:a@10.0.0.2:5060>\r\n");
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:7", at).port, 5060);
	assert_int_equal(dgram_knock(l.p, "198.51.100.8:7", at).port, 0);
	/* services and low ports are not opened by it */
	up(&l, fill(&l, REGISTER("<sip:a@10.0.0.2:22>")));
	assert_has(l.d.text, "Contact: <sip:a@10.0.0.2:22>\r\n");
	up(&l, fill(&l, REGISTER("<sip:a@10.0.0.2:3306;transport=tcp>")));
	assert_has(l.d.text, "Contact: <sip:a@10.0.0.2:3306;transport=tcp>\r\n");
	up(&l, fill(&l, REGISTER("<sip:a@10.0.0.3:5060>")));
	assert_has(l.d.text, "Contact: <sip:a@10.0.0.3:5060>\r\n");
	finish(l.p);
}

static void
call_leaves_a_registration_its_time(void **state)
{
	struct talk_end other = talk_end("198.51.100.9:5099");
	struct line l;

	begin(&l, state, "");
	up(&l, fill(&l, REGISTER("<sip:a@10.0.0.2:5060>;expires=1800")));
	down(&l, fill(&l, REGISTERED("Contact: <sip:a@$o>;expires=1800\n")));
	call(&l);
	up(&l, fill(&l, BYE));
	later(l.p, 1700000);
	assert_true(dgram_pass(l.p, SL_OUTSIDE, other, l.out, "x", &l.d));
	later(l.p, 600000);
	other.port++;
	assert_false(dgram_pass(l.p, SL_OUTSIDE, other, l.out, "x", &l.d));
	finish(l.p);
}

/* ---- TCP ---- */

static void
stream_is_cut_where_content_length_says(void **state)
{
	struct line l = { .p = gateway(state, ""), .out = talk_end("192.0.2.1:1") };
	char text[DGRAM_MAX], once[DGRAM_MAX];
	struct talk t;

	snprintf(text, sizeof(text), "%s\r\n\r\n%s", whole(&l, INVITE, OFFER), fill(&l, BYE));
	talk_open(&t, l.p, PHONE, PROXY);
	snprintf(once, sizeof(once), "%s", talk_say(&t, SL_INSIDE, text));
	assert_has(once, "c=IN IP4 192.0.2.1\r\n");
	assert_has(once, "\r\n\r\nBYE sip:b@198.51.100.9 SIP/2.0\r\n");
	pipe_destroy(l.p);
	for (size_t cut = 1; cut < strlen(text); cut += 13) {
		char head[DGRAM_MAX], out[DGRAM_MAX];

		l.p = gateway(state, "");
		talk_open(&t, l.p, PHONE, PROXY);
		snprintf(head, sizeof(head), "%.*s", (int)cut, text);
		snprintf(out, sizeof(out), "%s", talk_begin(&t, SL_INSIDE, head));
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s",
			talk_say(&t, SL_INSIDE, text + cut));
		assert_string_equal(out, once);
		finish(l.p);
	}
}

static void
stream_that_is_no_sip_is_not_looked_at(void **state)
{
	static const char *const starts[] = {
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n",
		"\x16\x03\x01",
		"REGISTER sip:b SIP/2.0\r\nl: 0\r\nContent-Length: 5\r\n\r\n",
		"REGISTER sip:b SIP/2.0\r\nl: -1\r\n\r\n",
		"REGISTER sip:b SIP/2.0\r\nl: 99999999999999999999\r\n\r\n",
		" ",
	};

	for (size_t i = 0; i < RTE_DIM(starts); i++) {
		struct line l = { .p = gateway(state, "") };
		char text[DGRAM_MAX];
		struct talk t;

		talk_open(&t, l.p, PHONE, PROXY);
		assert_string_equal(talk_say(&t, SL_INSIDE, starts[i]), starts[i]);
		snprintf(text, sizeof(text), "%s", whole(&l, INVITE, OFFER));
		assert_string_equal(talk_say(&t, SL_INSIDE, text), text);
		assert_int_equal(mappings(l.p), 1);
		finish(l.p);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(request_goes_out_with_outside_addresses),
	cmocka_unit_test(response_comes_in_with_inside_addresses),
	cmocka_unit_test(each_form_of_header_is_read),
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
	cmocka_unit_test(description_of_several_media),
	cmocka_unit_test(rtcp_elsewhere_has_a_port_of_its_own),
	cmocka_unit_test(media_that_flow_already_have_their_rtcp_said),
	cmocka_unit_test(media_behind_a_forward_are_where_it_is),
	cmocka_unit_test(call_leaves_a_registration_its_time),
	cmocka_unit_test(multipart_body_has_its_description_read),
	cmocka_unit_test(hostile_descriptions_open_nothing),
	cmocka_unit_test(description_without_a_call_opens_nothing),
	cmocka_unit_test(what_is_no_sip_passes_as_it_is),
	cmocka_unit_test(body_shorter_than_it_says_is_left_alone),
	cmocka_unit_test(many_ports_have_an_end),
	cmocka_unit_test(bye_of_another_dialog_closes_nothing),
	cmocka_unit_test(registered_phone_can_be_called),
	cmocka_unit_test(phone_that_leaves_cannot_be_called),
	cmocka_unit_test(phone_at_another_port_than_it_speaks_from),
	cmocka_unit_test(stream_is_cut_where_content_length_says),
	cmocka_unit_test(stream_that_is_no_sip_is_not_looked_at),
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
