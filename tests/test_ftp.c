/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The FTP helper through whole gateways: what becomes of PORT, EPRT, 227 and 229, which data
 * connections come in because of them, and what must open nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"

#define CLIENT "10.0.0.2:5000"
#define SERVER "198.51.100.9:21"
#define FORWARD "forward tcp 192.0.2.1:2121 > 10.0.0.3:21"
#define BASE 1000000

/* ---- set-up ---- */

static struct pipe *
gateway(void **state, const char *conf)
{
	char text[256];

	snprintf(text, sizeof(text), "helper ftp on; %s", conf);
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

/* Greeting and login, from the side that the server is on. */
static void
log_in(struct talk *t, enum sl_side server)
{
	enum sl_side client = SL_ACROSS(server);

	assert_string_equal(
		talk_say(t, server, "220-Hello\r\n220 you\r\n"), "220-Hello\r\n220 you\r\n");
	assert_string_equal(talk_say(t, client, "USER anonymous\r\n"), "USER anonymous\r\n");
	assert_string_equal(talk_say(t, server, "331 password?\r\n"), "331 password?\r\n");
	assert_string_equal(talk_say(t, client, "PASS x@\r\n"), "PASS x@\r\n");
	assert_string_equal(talk_say(t, server, "230 in\r\n"), "230 in\r\n");
}

static void
client_inside(struct talk *t, struct pipe *p)
{
	talk_open(t, p, CLIENT, SERVER);
	log_in(t, SL_OUTSIDE);
}

static void
server_inside(struct talk *t, struct pipe *p)
{
	talk_open_inbound(t, p, "198.51.100.7:4444", "192.0.2.1:2121", "10.0.0.3:21");
	log_in(t, SL_INSIDE);
}

/* An end says a line that nobody may touch. */
static void
assert_untouched(struct talk *t, enum sl_side from, const char *text)
{
	assert_string_equal(talk_say(t, from, text), text);
}

/* The endpoint in the text behind `before`, as six numbers. */
static struct talk_end
six(const char *text, const char *before)
{
	unsigned int a[4], p[2];
	struct talk_end e;
	int end = 0;

	assert_int_equal(strncmp(text, before, strlen(before)), 0);
	if (sscanf(text + strlen(before), "%u,%u,%u,%u,%u,%u%n", &a[0], &a[1], &a[2], &a[3], &p[0],
		    &p[1], &end) != 6)
		fail_msg("no six numbers: %s", text);
	e.addr = rte_cpu_to_be_32(a[0] << 24 | a[1] << 16 | a[2] << 8 | a[3]);
	e.port = (uint16_t)(p[0] << 8 | p[1]);
	return e;
}

static void
assert_reached(struct talk_end got, const char *want)
{
	struct talk_end e = talk_end(want);

	assert_int_equal(got.port, e.port);
	assert_int_equal(got.addr, e.addr);
}

static uint64_t
mappings(const struct pipe *p)
{
	return sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW);
}

/* ---- client inside, active ---- */

static void
port_lets_the_servers_connection_in_once(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk_end at;
	struct talk t;

	client_inside(&t, p);
	at = six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	assert_int_equal(talk_knock(p, "203.0.113.66:20", at).port, 0);
	assert_reached(talk_knock(p, "198.51.100.9:20", at), "10.0.0.2:7000");
	assert_int_equal(talk_knock(p, "198.51.100.9:22", at).port, 0);
	assert_untouched(&t, SL_OUTSIDE, "200 fine\r\n");
	finish(p);
}

static void
eprt_does_the_same(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk_end at = talk_end("192.0.2.1:1");
	struct talk t;
	unsigned int port;

	client_inside(&t, p);
	assert_int_equal(sscanf(talk_say(&t, SL_INSIDE, "EPRT |1|10.0.0.2|7000|\r\n"),
				 "EPRT |1|192.0.2.1|%u|\r\n", &port),
		1);
	at.port = (uint16_t)port;
	assert_reached(talk_knock(p, "198.51.100.9:20", at), "10.0.0.2:7000");
	/* IPv6 is none of ours, nor is what is not complete */
	assert_untouched(&t, SL_INSIDE, "EPRT |2|2001:db8::2|7000|\r\n");
	assert_untouched(&t, SL_INSIDE, "EPRT |1|10.0.0.2|7000\r\n");
	assert_untouched(&t, SL_INSIDE, "EPRT |1|10.0.0.2|70000|\r\n");
	finish(p);
}

static void
many_transfers_in_one_connection(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk t;
	char line[64];

	client_inside(&t, p);
	for (unsigned int i = 0; i < 100; i++) {
		struct talk_end at;
		char want[32];

		snprintf(line, sizeof(line), "PORT 10,0,0,2,%u,%u\r\n", 40 + i, i);
		at = six(talk_say(&t, SL_INSIDE, line), "PORT ");
		assert_untouched(&t, SL_OUTSIDE, "200 fine\r\n");
		assert_untouched(&t, SL_INSIDE, "RETR file\r\n");
		snprintf(want, sizeof(want), "10.0.0.2:%u", (40 + i) << 8 | i);
		assert_reached(talk_knock(p, "198.51.100.9:20", at), want);
		assert_untouched(&t, SL_OUTSIDE, "150 here\r\n226 done\r\n");
	}
	finish(p);
}

static void
unused_port_closes_with_the_next_one(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk_end first, second;
	struct talk t;

	client_inside(&t, p);
	first = six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	assert_int_equal(mappings(p), 2);
	second = six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,89\r\n"), "PORT ");
	assert_int_equal(mappings(p), 2);
	assert_int_equal(talk_knock(p, "198.51.100.9:20", first).port, 0);
	assert_reached(talk_knock(p, "198.51.100.9:20", second), "10.0.0.2:7001");
	finish(p);
}

static void
command_cut_anywhere_comes_out_whole(void **state)
{
	static const char line[] = "PORT 10,0,0,2,27,88\r\nNOOP\r\n";

	for (size_t cut = 1; cut + 1 < sizeof(line); cut++) {
		struct pipe *p = gateway(state, "");
		char out[TALK_MAX], head[64];
		struct talk_end at;
		struct talk t;

		client_inside(&t, p);
		snprintf(head, sizeof(head), "%.*s", (int)cut, line);
		snprintf(out, sizeof(out), "%s", talk_begin(&t, SL_INSIDE, head));
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s",
			talk_say(&t, SL_INSIDE, line + cut));
		at = six(out, "PORT ");
		assert_string_equal(strstr(out, "\r\n"), "\r\nNOOP\r\n");
		assert_reached(talk_knock(p, "198.51.100.9:20", at), "10.0.0.2:7000");
		finish(p);
	}
}

static void
repeated_command_gives_the_same_bytes(void **state)
{
	static const char line[] = "PORT 10,0,0,2,27,88\r\n";
	struct pipe *p = gateway(state, "");
	char once[TALK_MAX];
	struct talk t;

	client_inside(&t, p);
	snprintf(once, sizeof(once), "%s", talk_begin(&t, SL_INSIDE, line));
	assert_string_equal(talk_repeat(&t, SL_INSIDE, line, sizeof(line) - 1), once);
	assert_int_equal(mappings(p), 2);
	finish(p);
}

/* ---- server inside, passive ---- */

static void
pasv_answer_becomes_an_outside_endpoint(void **state)
{
	struct pipe *p = gateway(state, FORWARD);
	struct talk_end at;
	struct talk t;

	server_inside(&t, p);
	assert_untouched(&t, SL_OUTSIDE, "PASV\r\n");
	at = six(talk_say(&t, SL_INSIDE, "227 Entering Passive Mode (10,0,0,3,27,88).\r\n"),
		"227 Entering Passive Mode (");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	assert_int_equal(talk_knock(p, "203.0.113.66:5", at).port, 0);
	assert_reached(talk_knock(p, "198.51.100.7:5555", at), "10.0.0.3:7000");
	assert_int_equal(talk_knock(p, "198.51.100.7:5556", at).port, 0);
	finish(p);
}

static void
epsv_answer_keeps_the_address_to_itself(void **state)
{
	struct pipe *p = gateway(state, FORWARD);
	struct talk_end at = talk_end("192.0.2.1:1");
	unsigned int port;
	struct talk t;

	server_inside(&t, p);
	assert_untouched(&t, SL_OUTSIDE, "EPSV\r\n");
	assert_int_equal(sscanf(talk_say(&t, SL_INSIDE, "229 Extended (|||7000|)\r\n"),
				 "229 Extended (|||%u|)\r\n", &port),
		1);
	at.port = (uint16_t)port;
	assert_reached(talk_knock(p, "198.51.100.7:5555", at), "10.0.0.3:7000");
	finish(p);
}

static void
epsv_at_another_address_is_refused_for_the_server(void **state)
{
	/* The server's own address is another one than the forward's. */
	struct pipe *p = gateway(
		state, "pool 192.0.2.20-192.0.2.20; forward tcp 192.0.2.1:2121 > 10.0.0.3:21");
	struct talk_end at;
	struct talk t;

	server_inside(&t, p);
	assert_untouched(&t, SL_OUTSIDE, "EPSV\r\n");
	assert_int_equal(
		strncmp(talk_say(&t, SL_INSIDE, "229 Extended (|||7000|)\r\n"), "502 ", 4), 0);
	assert_int_equal(mappings(p), 1);
	assert_untouched(&t, SL_OUTSIDE, "PASV\r\n");
	at = six(talk_say(&t, SL_INSIDE, "227 ok (10,0,0,3,27,88)\r\n"), "227 ok (");
	assert_int_equal(at.addr, conf_addr("192.0.2.20"));
	assert_reached(talk_knock(p, "198.51.100.7:5555", at), "10.0.0.3:7000");
	finish(p);
}

static void
server_that_announces_its_public_address_is_right(void **state)
{
	struct pipe *p = gateway(state, FORWARD "; forward tcp 192.0.2.1:7000 > 10.0.0.3:7000");
	struct talk t;

	server_inside(&t, p);
	assert_untouched(&t, SL_OUTSIDE, "PASV\r\n");
	/* its ports are forwarded one to one: nothing to change */
	assert_untouched(&t, SL_INSIDE, "227 ok (192,0,2,1,27,88)\r\n");
	finish(p);
}

static void
clients_own_words_pass_when_the_server_is_inside(void **state)
{
	struct pipe *p = gateway(state, FORWARD);
	struct talk t;

	server_inside(&t, p);
	assert_untouched(&t, SL_OUTSIDE, "PORT 198,51,100,7,27,88\r\n");
	assert_untouched(&t, SL_OUTSIDE, "PORT 10,0,0,3,27,88\r\n");
	assert_int_equal(mappings(p), 1);
	finish(p);
}

/* ---- server outside, passive ---- */

static void
private_address_of_an_outside_server_becomes_its_own(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk t;

	client_inside(&t, p);
	assert_untouched(&t, SL_INSIDE, "PASV\r\n");
	assert_string_equal(talk_say(&t, SL_OUTSIDE, "227 ok (192,168,1,5,27,88)\r\n"),
		"227 ok (198,51,100,9,27,88)\r\n");
	assert_untouched(&t, SL_INSIDE, "PASV\r\n");
	assert_untouched(&t, SL_OUTSIDE, "227 ok (198,51,100,10,27,88)\r\n");
	assert_untouched(&t, SL_INSIDE, "EPSV\r\n");
	assert_untouched(&t, SL_OUTSIDE, "229 ok (|||7000|)\r\n");
	assert_int_equal(mappings(p), 1);
	finish(p);
}

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
	struct pipe *p = gateway(state, "");
	struct talk t;

	client_inside(&t, p);
	for (size_t i = 0; i < RTE_DIM(lines); i++)
		assert_untouched(&t, SL_INSIDE, lines[i]);
	assert_int_equal(mappings(p), 1);
	/* and the connection is as good as before */
	six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	assert_int_equal(mappings(p), 2);
	finish(p);
}

static void
server_inside_cannot_offer_others(void **state)
{
	struct pipe *p = gateway(state, FORWARD);
	struct talk t;

	server_inside(&t, p);
	assert_untouched(&t, SL_OUTSIDE, "PASV\r\nPASV\r\nPASV\r\n");
	assert_untouched(&t, SL_INSIDE, "227 ok (10,0,0,2,27,88)\r\n");
	assert_untouched(&t, SL_INSIDE, "227 ok (10,0,0,3,0,22)\r\n");
	assert_untouched(&t, SL_INSIDE, "227 none\r\n");
	assert_int_equal(mappings(p), 1);
	finish(p);
}

static void
port_before_the_login_opens_nothing(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk t;

	talk_open(&t, p, CLIENT, SERVER);
	assert_untouched(&t, SL_OUTSIDE, "220 hello\r\n");
	assert_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n");
	assert_untouched(&t, SL_OUTSIDE, "530 log in\r\n");
	assert_int_equal(mappings(p), 1);
	finish(p);
}

static void
browser_is_no_client(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk t;

	/* it speaks first */
	talk_open(&t, p, CLIENT, SERVER);
	assert_untouched(&t, SL_INSIDE, "USER x\r\nPASS y\r\n");
	assert_untouched(&t, SL_OUTSIDE, "220 a\r\n331 b\r\n230 c\r\n");
	assert_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n");
	/* or later, but HTTP, with the rest in the body */
	talk_open(&t, p, "10.0.0.2:5001", SERVER);
	assert_untouched(&t, SL_OUTSIDE, "220 a\r\n");
	assert_untouched(&t, SL_INSIDE, "POST / HTTP/1.1\r\nHost: x\r\n\r\nUSER x\r\nPASS y\r\n");
	assert_untouched(&t, SL_OUTSIDE, "331 b\r\n230 c\r\n");
	assert_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n");
	assert_int_equal(mappings(p), 2);
	finish(p);
}

static void
answers_nobody_asked_for_open_nothing(void **state)
{
	struct pipe *p = gateway(state, FORWARD);
	struct talk t;

	server_inside(&t, p);
	assert_untouched(&t, SL_INSIDE, "227 ok (10,0,0,3,27,88)\r\n229 ok (|||7000|)\r\n");
	assert_untouched(&t, SL_OUTSIDE, "STAT\r\n");
	assert_untouched(&t, SL_INSIDE, "227 ok (10,0,0,3,27,88)\r\n211 ok\r\n");
	/* refused, so what comes after is no answer either */
	assert_untouched(&t, SL_OUTSIDE, "PASV\r\n");
	assert_untouched(&t, SL_INSIDE, "500 no\r\n227 ok (10,0,0,3,27,88)\r\n");
	/* EPSV ALL asks for nothing */
	assert_untouched(&t, SL_OUTSIDE, "EPSV ALL\r\n");
	assert_untouched(&t, SL_INSIDE, "229 ok (|||7000|)\r\n");
	assert_int_equal(mappings(p), 1);
	finish(p);
}

static void
text_within_a_reply_is_no_reply(void **state)
{
	struct pipe *p = gateway(state, FORWARD);
	struct talk t;

	server_inside(&t, p);
	assert_untouched(&t, SL_OUTSIDE, "STAT\r\nPASV\r\n");
	assert_untouched(&t, SL_INSIDE, "211-status\r\n227 ok (10,0,0,3,27,88)\r\n211 end\r\n");
	assert_int_equal(mappings(p), 1);
	six(talk_say(&t, SL_INSIDE, "227 ok (10,0,0,3,27,88)\r\n"), "227 ok (");
	assert_int_equal(mappings(p), 2);
	finish(p);
}

static void
commands_sent_ahead_have_their_answers_in_order(void **state)
{
	struct pipe *p = gateway(state, FORWARD);
	const char *got;
	struct talk t;

	server_inside(&t, p);
	assert_untouched(&t, SL_OUTSIDE, "TYPE I\r\nPASV\r\nRETR a\r\nPASV\r\nRETR b\r\n");
	got = talk_say(&t, SL_INSIDE, "200 ok\r\n227 ok (10,0,0,3,27,88)\r\n150 a\r\n");
	six(strstr(got, "227"), "227 ok (");
	/* an answer too many, as servers give after ABOR */
	got = talk_say(&t, SL_INSIDE, "226 a\r\n226 too many\r\n227 ok (10,0,0,3,27,89)\r\n");
	six(strstr(got, "227"), "227 ok (");
	finish(p);
}

static void
nobody_looks_after_tls(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk t;

	client_inside(&t, p);
	assert_untouched(&t, SL_INSIDE, "AUTH TLS\r\n");
	assert_untouched(&t, SL_OUTSIDE, "500 what?\r\n");
	six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	assert_untouched(&t, SL_OUTSIDE, "200 ok\r\n");
	assert_untouched(&t, SL_INSIDE, "AUTH TLS\r\n");
	assert_untouched(&t, SL_OUTSIDE, "234 go on\r\n");
	assert_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,89\r\n");
	/* what is shifted stays so: talk_say() has looked at the numbers */
	talk_open(&t, p, "10.0.0.2:5001", SERVER);
	assert_untouched(&t, SL_INSIDE, "\x16\x03\x01 from the first byte on\r\n");
	assert_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,90\r\n");
	finish(p);
}

/* ---- both inside ---- */

static void
hairpin_active_and_passive(void **state)
{
	struct pipe *p = gateway(state, FORWARD);
	struct talk_end at;
	struct talk t;

	/* the helper knows servers by their port as the client sees it, and as it is */
	pipe_configure(p, "helper ftp on port=21,2121; " FORWARD);
	talk_open_hairpin(&t, p, CLIENT, "192.0.2.1:2121", "10.0.0.3:21");
	log_in(&t, SL_OUTSIDE);
	at = six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	assert_untouched(&t, SL_OUTSIDE, "200 ok\r\n");
	assert_untouched(&t, SL_INSIDE, "PASV\r\n");
	at = six(talk_say(&t, SL_OUTSIDE, "227 ok (10,0,0,3,27,99)\r\n"), "227 ok (");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	assert_int_equal(mappings(p), 4);
	finish(p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(port_lets_the_servers_connection_in_once),
	cmocka_unit_test(eprt_does_the_same),
	cmocka_unit_test(many_transfers_in_one_connection),
	cmocka_unit_test(unused_port_closes_with_the_next_one),
	cmocka_unit_test(command_cut_anywhere_comes_out_whole),
	cmocka_unit_test(repeated_command_gives_the_same_bytes),
	cmocka_unit_test(pasv_answer_becomes_an_outside_endpoint),
	cmocka_unit_test(epsv_answer_keeps_the_address_to_itself),
	cmocka_unit_test(epsv_at_another_address_is_refused_for_the_server),
	cmocka_unit_test(server_that_announces_its_public_address_is_right),
	cmocka_unit_test(clients_own_words_pass_when_the_server_is_inside),
	cmocka_unit_test(private_address_of_an_outside_server_becomes_its_own),
	cmocka_unit_test(foreign_addresses_and_low_ports_open_nothing),
	cmocka_unit_test(server_inside_cannot_offer_others),
	cmocka_unit_test(port_before_the_login_opens_nothing),
	cmocka_unit_test(browser_is_no_client),
	cmocka_unit_test(answers_nobody_asked_for_open_nothing),
	cmocka_unit_test(text_within_a_reply_is_no_reply),
	cmocka_unit_test(commands_sent_ahead_have_their_answers_in_order),
	cmocka_unit_test(nobody_looks_after_tls),
	cmocka_unit_test(hairpin_active_and_passive),
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
