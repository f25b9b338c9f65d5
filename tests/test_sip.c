/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The SIP helper through whole gateways: what becomes of header fields in both directions, of
 * registrations, and of messages in a stream.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sipline.h"

/* ---- header fields ---- */

static void
request_goes_out_with_outside_addresses(void **state)
{
	struct line l;

	sip_begin(&l, state, "");
	sip_up(&l, sip_fill(&l, INVITE "Content-Length: 0\n\n"));
	assert_string_equal(l.d.text,
		sip_fill(&l, "INVITE sip:b@198.51.100.9 SIP/2.0\n"
			     "Via: SIP/2.0/UDP $o;branch=z9hG4bK1;rport\n"
			     "From: \"A\" <sip:a@192.0.2.1>;tag=1\nTo: <sip:b@198.51.100.9>\n"
			     "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:a@$o>\n"
			     "Content-Length: 0\n\n"));
	sip_finish(l.p);
}

static void
response_comes_in_with_inside_addresses(void **state)
{
	struct line l;

	sip_begin(&l, state, "");
	sip_up(&l, sip_fill(&l, INVITE "Content-Length: 0\n\n"));
	sip_down(&l, sip_fill(&l, BACK("SIP/2.0 180 Ringing") "Content-Length: 0\n\n"));
	assert_has(l.d.text,
		"Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1;rport=5060;received=10.0.0.2\r\n");
	assert_has(l.d.text, "From: \"A\" <sip:a@10.0.0.2>;tag=1\r\n");
	assert_has(l.d.text, "Contact: <sip:b@198.51.100.9>\r\n");
	sip_finish(l.p);
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

	sip_begin(&l, state, "");
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		char in[1024], out[1024];

		snprintf(in, sizeof(in), "OPTIONS sip:x SIP/2.0\nCall-ID: 1\n%s\n\n", rows[i].in);
		snprintf(
			out, sizeof(out), "OPTIONS sip:x SIP/2.0\nCall-ID: 1\n%s\n\n", rows[i].out);
		assert_string_equal(sip_up(&l, sip_fill(&l, in)), sip_fill(&l, out));
		/* and back: what a proxy may show of it comes in as it was, but for the port */
		sip_down(&l, l.d.text);
		assert_lacks(l.d.text, "192.0.2.1");
	}
	assert_int_equal(sip_mappings(l.p), 1);
	sip_finish(l.p);
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

	sip_begin(&l, state, "");
	sip_up(&l, sip_fill(&l, REGISTER("<sip:a@10.0.0.2:5060>;expires=1800")));
	sip_down(
		&l, sip_fill(&l,
			    REGISTERED("Contact: <sip:a@$o>;expires=1200, <sip:a@203.0.113.1>\n")));
	assert_has(
		l.d.text, "Contact: <sip:a@10.0.0.2:5060>;expires=1200, <sip:a@203.0.113.1>\r\n");
	/* long after the flow is gone; from any port of the registrar's */
	sip_later(l.p, 1100000);
	l.proxy = talk_end("198.51.100.9:5099");
	assert_has(sip_down(&l, sip_fill(&l, ask)), "OPTIONS sip:a@10.0.0.2:5060 SIP/2.0\r\n");
	assert_false(dgram_pass(
		l.p, SL_OUTSIDE, talk_end("203.0.113.66:5060"), l.out, sip_fill(&l, ask), &l.d));
	/* and no longer than it was granted */
	sip_later(l.p, 600000);
	assert_false(dgram_pass(l.p, SL_OUTSIDE, l.proxy, l.out, sip_fill(&l, ask), &l.d));
	sip_finish(l.p);
}

static void
phone_that_leaves_cannot_be_called(void **state)
{
	struct line l;
	struct talk_end other = talk_end("198.51.100.9:5099");

	sip_begin(&l, state, "");
	sip_up(&l, sip_fill(&l, REGISTER("<sip:a@10.0.0.2:5060>")));
	sip_down(&l, sip_fill(&l, REGISTERED("Contact: <sip:a@$o>\nExpires: 1800\n")));
	assert_true(dgram_pass(l.p, SL_OUTSIDE, other, l.out, "x", &l.d));
	sip_up(&l, sip_fill(&l, REGISTER("<sip:a@10.0.0.2:5060>;expires=0")));
	sip_down(&l, sip_fill(&l, REGISTERED("")));
	sip_later(l.p, 2000);
	other.port++;
	assert_false(dgram_pass(l.p, SL_OUTSIDE, other, l.out, "x", &l.d));
	sip_finish(l.p);
}

static void
phone_at_another_port_than_it_speaks_from(void **state)
{
	struct line l;
	struct talk_end at;

	sip_begin(&l, state, "");
	l.phone = talk_end("10.0.0.2:40123");
	sip_up(&l, "\r\n");
	sip_up(&l, sip_fill(&l, REGISTER("<sip:a@10.0.0.2:5060>")));
	at = sip_outside(sip_number(l.d.text, "Contact: <sip:a@192.0.2.1:"));
	assert_int_not_equal(at.port, l.out.port);
	assert_int_equal(sip_number(l.d.text, "SIP/2.0/UDP 192.0.2.1:"), at.port);
	/* what the registrar says of it is the phone's own again */
	{
		char text[DGRAM_MAX];

		snprintf(text, sizeof(text),
			"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:%u;branch=z\r\nCall-ID: "
			"r1\r\n"
			"CSeq: 1 REGISTER\r\nContact: <sip:a@192.0.2.1:%u>\r\n\r\n",
			at.port, at.port);
		sip_down(&l, text);
	}
	assert_has(l.d.text, "Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z\r\n");
	assert_has(l.d.text, "Contact: <sip:a@10.0.0.2:5060>\r\n");
	assert_int_equal(dgram_knock(l.p, "198.51.100.9:7", at).port, 5060);
	assert_int_equal(dgram_knock(l.p, "198.51.100.8:7", at).port, 0);
	/* services and low ports are not opened by it */
	sip_up(&l, sip_fill(&l, REGISTER("<sip:a@10.0.0.2:22>")));
	assert_has(l.d.text, "Contact: <sip:a@10.0.0.2:22>\r\n");
	sip_up(&l, sip_fill(&l, REGISTER("<sip:a@10.0.0.2:3306;transport=tcp>")));
	assert_has(l.d.text, "Contact: <sip:a@10.0.0.2:3306;transport=tcp>\r\n");
	sip_up(&l, sip_fill(&l, REGISTER("<sip:a@10.0.0.3:5060>")));
	assert_has(l.d.text, "Contact: <sip:a@10.0.0.3:5060>\r\n");
	sip_finish(l.p);
}

static void
call_leaves_a_registration_its_time(void **state)
{
	struct talk_end other = talk_end("198.51.100.9:5099");
	struct line l;

	sip_begin(&l, state, "");
	sip_up(&l, sip_fill(&l, REGISTER("<sip:a@10.0.0.2:5060>;expires=1800")));
	sip_down(&l, sip_fill(&l, REGISTERED("Contact: <sip:a@$o>;expires=1800\n")));
	sip_call(&l);
	sip_up(&l, sip_fill(&l, BYE));
	sip_later(l.p, 1700000);
	assert_true(dgram_pass(l.p, SL_OUTSIDE, other, l.out, "x", &l.d));
	sip_later(l.p, 600000);
	other.port++;
	assert_false(dgram_pass(l.p, SL_OUTSIDE, other, l.out, "x", &l.d));
	sip_finish(l.p);
}

/* ---- TCP ---- */

static void
stream_is_cut_where_content_length_says(void **state)
{
	struct line l = { .p = sip_gateway(state, ""), .out = talk_end("192.0.2.1:1") };
	char text[DGRAM_MAX], once[DGRAM_MAX];
	struct talk t;

	snprintf(text, sizeof(text), "%s\r\n\r\n%s", sip_whole(&l, INVITE, OFFER),
		sip_fill(&l, BYE));
	talk_open(&t, l.p, PHONE, PROXY);
	snprintf(once, sizeof(once), "%s", talk_say(&t, SL_INSIDE, text));
	assert_has(once, "c=IN IP4 192.0.2.1\r\n");
	assert_has(once, "\r\n\r\nBYE sip:b@198.51.100.9 SIP/2.0\r\n");
	pipe_destroy(l.p);
	for (size_t cut = 1; cut < strlen(text); cut += 13) {
		char head[DGRAM_MAX], out[DGRAM_MAX];

		l.p = sip_gateway(state, "");
		talk_open(&t, l.p, PHONE, PROXY);
		snprintf(head, sizeof(head), "%.*s", (int)cut, text);
		snprintf(out, sizeof(out), "%s", talk_begin(&t, SL_INSIDE, head));
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s",
			talk_say(&t, SL_INSIDE, text + cut));
		assert_string_equal(out, once);
		sip_finish(l.p);
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
		struct line l = { .p = sip_gateway(state, "") };
		char text[DGRAM_MAX];
		struct talk t;

		talk_open(&t, l.p, PHONE, PROXY);
		assert_string_equal(talk_say(&t, SL_INSIDE, starts[i]), starts[i]);
		snprintf(text, sizeof(text), "%s", sip_whole(&l, INVITE, OFFER));
		assert_string_equal(talk_say(&t, SL_INSIDE, text), text);
		assert_int_equal(sip_mappings(l.p), 1);
		sip_finish(l.p);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(request_goes_out_with_outside_addresses),
	cmocka_unit_test(response_comes_in_with_inside_addresses),
	cmocka_unit_test(each_form_of_header_is_read),
	cmocka_unit_test(registered_phone_can_be_called),
	cmocka_unit_test(phone_that_leaves_cannot_be_called),
	cmocka_unit_test(phone_at_another_port_than_it_speaks_from),
	cmocka_unit_test(call_leaves_a_registration_its_time),
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
