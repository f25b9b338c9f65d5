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

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(request_goes_out_with_outside_addresses),
	cmocka_unit_test(response_comes_in_with_inside_addresses),
	cmocka_unit_test(each_form_of_header_is_read),
	cmocka_unit_test(call_from_inside_has_media),
	cmocka_unit_test(bye_closes_what_the_call_has_opened),
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
