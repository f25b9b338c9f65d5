/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The IRC helper through whole gateways: what becomes of DCC offers, RESUME and ACCEPT, who gets
 * in because of them, and what must open nothing.
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
#define SERVER "198.51.100.9:6667"
#define INSIDE "167772162" /* 10.0.0.2 */
#define OTHER "167772163"
#define OUTSIDE "3221225985" /* 192.0.2.1 */
#define BASE 1000000

/* ---- set-up ---- */

static struct pipe *
gateway(void **state, const char *conf)
{
	char text[256];

	snprintf(text, sizeof(text), "helper irc on; %s", conf);
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

/* An end says a line that nobody may touch. */
static void
assert_untouched(struct talk *t, enum sl_side from, const char *text)
{
	assert_string_equal(talk_say(t, from, text), text);
}

static void
log_in(struct talk *t)
{
	assert_untouched(t, SL_INSIDE, "CAP LS 302\r\nNICK alice\r\nUSER a 0 * :Alice\r\n");
	assert_untouched(t, SL_OUTSIDE, ":irc.example 001 alice :Welcome\r\n");
}

static struct pipe *
client_inside(struct talk *t, void **state)
{
	struct pipe *p = gateway(state, "");

	talk_open(t, p, CLIENT, SERVER);
	log_in(t);
	return p;
}

static uint64_t
mappings(const struct pipe *p)
{
	return sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW);
}

/* A line that opens nothing, and stays as it is. */
static void
assert_opens_nothing(struct talk *t, const char *text)
{
	uint64_t before = mappings(t->p);

	assert_untouched(t, SL_INSIDE, text);
	assert_int_equal(mappings(t->p), before);
}

/* The client says `before` INSIDE PORT `after`; what is said for INSIDE and PORT. */
static struct talk_end
offer(struct talk *t, const char *before, unsigned int port, const char *after)
{
	struct talk_end at = { .port = 0 };
	char line[TALK_MAX];
	const char *got;
	unsigned int outside;
	int end = 0;

	snprintf(line, sizeof(line), "%s" INSIDE " %u%s", before, port, after);
	got = talk_say(t, SL_INSIDE, line);
	if (strncmp(got, before, strlen(before)) != 0 ||
		sscanf(got + strlen(before), OUTSIDE " %u%n", &outside, &end) != 1)
		fail_msg("not replaced: %s", got);
	assert_string_equal(got + strlen(before) + end, after);
	at.addr = conf_addr("192.0.2.1");
	at.port = (uint16_t)outside;
	return at;
}

static void
assert_reached(struct talk_end got, const char *want)
{
	struct talk_end e = talk_end(want);

	assert_int_equal(got.port, e.port);
	assert_int_equal(got.addr, e.addr);
}

/* ---- offers ---- */

static void
offer_lets_one_connection_in(void **state)
{
	struct talk_end at;
	struct talk t;
	struct pipe *p = client_inside(&t, state);

	at = offer(&t, "PRIVMSG bob :\001DCC SEND file ", 7000, " 12345\001\r\n");
	assert_reached(talk_knock(p, "203.0.113.7:4444", at), "10.0.0.2:7000");
	assert_int_equal(talk_knock(p, "203.0.113.7:4445", at).port, 0);
	assert_int_equal(talk_knock(p, "203.0.113.8:4444", at).port, 0);
	finish(p);
}

static void
all_kinds_of_offers_are_read(void **state)
{
	static const char *const before[] = {
		"PRIVMSG bob :\001DCC CHAT chat ",
		"PRIVMSG bob :\001DCC SCHAT chat ",
		"PRIVMSG bob :\001DCC TSEND file ",
		"PRIVMSG bob :\001DCC SSEND file ",
		"privmsg bob :\001dcc send file ",
		"NOTICE bob :\001DCC SEND file ",
		":alice PRIVMSG bob :\001DCC SEND file ",
		":alice!a@host PRIVMSG bob :\001DCC SEND file ",
		"@label=1;+x=y PRIVMSG bob :\001DCC SEND file ",
		"@label=1 :alice PRIVMSG bob :\001DCC SEND file ",
		"PRIVMSG  bob  :\001DCC  SEND  file  ",
		"PRIVMSG bob,carol :\001DCC SEND file ",
		"PRIVMSG bob :\001DCC SEND \"file with blanks\" ",
		"PRIVMSG bob :\001DCC SEND \"" INSIDE " 7000\" ",
		"PRIVMSG bob :\001DCC SEND file with blanks ",
		"PRIVMSG bob :\001DCC SEND 1 file 2 ",
		"PRIVMSG bob :\001DCC SEND caf\xc3\xa9\"1\" ",
	};
	static const char *const after[] = { "\001\r\n", " 12345\001\r\n", " 12345 77\001\r\n",
		"\001\n", "\r\n", " 12345\r\n" };

	for (size_t i = 0; i < RTE_DIM(before); i++) {
		struct talk t;
		struct pipe *p = client_inside(&t, state);

		for (size_t k = 0; k < RTE_DIM(after); k++) {
			unsigned int port = 7100 + (unsigned int)k;
			struct talk_end at = offer(&t, before[i], port, after[k]);
			char want[32];

			snprintf(want, sizeof(want), "10.0.0.2:%u", port);
			assert_reached(talk_knock(p, "203.0.113.7:4444", at), want);
		}
		finish(p);
	}
}

static void
several_offers_in_one_line(void **state)
{
	unsigned int a, b;
	struct talk_end at = talk_end("192.0.2.1:1");
	struct talk t;
	struct pipe *p = client_inside(&t, state);
	const char *got = talk_say(&t, SL_INSIDE,
		"PRIVMSG bob :\001DCC SEND a " INSIDE
		" 7000 1\001\001PING 1\001 \001DCC CHAT chat " INSIDE " 7001\001\r\n");

	assert_int_equal(sscanf(got,
				 "PRIVMSG bob :\001DCC SEND a " OUTSIDE
				 " %u 1\001\001PING 1\001 \001DCC CHAT chat " OUTSIDE " %u\001\r\n",
				 &a, &b),
		2);
	at.port = (uint16_t)a;
	assert_reached(talk_knock(p, "203.0.113.7:4444", at), "10.0.0.2:7000");
	at.port = (uint16_t)b;
	assert_reached(talk_knock(p, "203.0.113.7:4444", at), "10.0.0.2:7001");
	finish(p);
}

static void
dotted_address_stays_dotted(void **state)
{
	struct talk_end at = talk_end("192.0.2.1:1");
	struct talk t;
	struct pipe *p = client_inside(&t, state);
	unsigned int port;

	assert_int_equal(sscanf(talk_say(&t, SL_INSIDE,
					"PRIVMSG bob :\001DCC SEND f 10.0.0.2 7000 9\001\r\n"),
				 "PRIVMSG bob :\001DCC SEND f 192.0.2.1 %u 9\001\r\n", &port),
		1);
	at.port = (uint16_t)port;
	assert_reached(talk_knock(p, "203.0.113.7:4444", at), "10.0.0.2:7000");
	finish(p);
}

static void
client_that_knows_its_outside_address_gets_the_port(void **state)
{
	struct talk_end at = talk_end("192.0.2.1:1");
	struct talk t;
	struct pipe *p = client_inside(&t, state);
	unsigned int port;

	assert_int_equal(sscanf(talk_say(&t, SL_INSIDE,
					"PRIVMSG bob :\001DCC SEND f " OUTSIDE " 7000 9\001\r\n"),
				 "PRIVMSG bob :\001DCC SEND f " OUTSIDE " %u 9\001\r\n", &port),
		1);
	at.port = (uint16_t)port;
	assert_reached(talk_knock(p, "203.0.113.7:4444", at), "10.0.0.2:7000");
	finish(p);
}

static void
passive_offer_tells_the_outside_address_and_opens_nothing(void **state)
{
	struct talk t;
	struct pipe *p = client_inside(&t, state);

	assert_string_equal(
		talk_say(&t, SL_INSIDE, "PRIVMSG bob :\001DCC SEND f " INSIDE " 0 9 42\001\r\n"),
		"PRIVMSG bob :\001DCC SEND f " OUTSIDE " 0 9 42\001\r\n");
	assert_int_equal(mappings(p), 1);
	/* the other one listens */
	assert_untouched(&t, SL_OUTSIDE,
		":bob!b@h PRIVMSG alice :\001DCC SEND f 3405803783 4000 9 42\001\r\n");
	/* an address that stands for none, as irssi says it */
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f 16843009 0 9 43\001\r\n");
	finish(p);
}

static void
answer_to_a_passive_offer_lets_the_sender_in(void **state)
{
	struct talk_end at;
	struct talk t;
	struct pipe *p = client_inside(&t, state);

	assert_untouched(
		&t, SL_OUTSIDE, ":bob!b@h PRIVMSG alice :\001DCC SEND f 3405803783 0 9 42\001\r\n");
	at = offer(&t, "PRIVMSG bob :\001DCC SEND f ", 7000, " 9 42\001\r\n");
	assert_reached(talk_knock(p, "203.0.113.7:4444", at), "10.0.0.2:7000");
	finish(p);
}

static void
offer_cut_anywhere_comes_out_whole(void **state)
{
	static const char line[] =
		"PRIVMSG bob :\001DCC SEND f " INSIDE " 7000 9\001\r\nPING x\r\n";

	for (size_t cut = 1; cut + 1 < sizeof(line); cut++) {
		struct talk t;
		struct pipe *p = client_inside(&t, state);
		char out[TALK_MAX], head[128];
		unsigned int port;
		int end = 0;

		snprintf(head, sizeof(head), "%.*s", (int)cut, line);
		strcpy(out, talk_begin(&t, SL_INSIDE, head));
		strcat(out, talk_say(&t, SL_INSIDE, line + cut));
		assert_int_equal(
			sscanf(out,
				"PRIVMSG bob :\001DCC SEND f " OUTSIDE " %u 9\001\r\nPING x\r\n%n",
				&port, &end),
			1);
		assert_int_equal(end, (int)strlen(out));
		finish(p);
	}
}

static void
nobody_comes_after_its_time(void **state)
{
	struct talk_end at;
	struct talk t;
	struct pipe *p = client_inside(&t, state);

	at = offer(&t, "PRIVMSG bob :\001DCC SEND f ", 7000, " 9\001\r\n");
	p->now += 120001;
	pipe_settle(p);
	assert_int_equal(talk_knock(p, "203.0.113.7:4444", at).port, 0);
	assert_int_equal(mappings(p), 1);
	finish(p);
}

/* As irssi does it. */
static void
client_may_try_to_join_before_it_says_its_name(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk_end at;
	struct talk t;

	talk_open(&t, p, CLIENT, SERVER);
	assert_untouched(&t, SL_INSIDE, "CAP LS 302\r\nJOIN :\r\n");
	assert_untouched(&t, SL_OUTSIDE, ":irc.example 451 * JOIN :You have not registered\r\n");
	log_in(&t);
	at = offer(&t, "PRIVMSG bob :\001DCC SEND f ", 7000, " 9\001\r\n");
	assert_reached(talk_knock(p, "203.0.113.7:4444", at), "10.0.0.2:7000");
	finish(p);
}

/* ---- RESUME and ACCEPT ---- */

static void
resume_and_accept_name_each_ends_own_port(void **state)
{
	struct talk_end at;
	struct talk t;
	struct pipe *p = client_inside(&t, state);
	char line[128], want[128];

	at = offer(&t, "PRIVMSG bob :\001DCC SEND \"a file\" ", 7000, " 9\001\r\n");
	snprintf(line, sizeof(line),
		":bob!b@h PRIVMSG alice :\001DCC RESUME \"a file\" %u 4\001\r\n", at.port);
	assert_string_equal(talk_say(&t, SL_OUTSIDE, line),
		":bob!b@h PRIVMSG alice :\001DCC RESUME \"a file\" 7000 4\001\r\n");
	snprintf(
		want, sizeof(want), "PRIVMSG bob :\001DCC ACCEPT \"a file\" %u 4\001\r\n", at.port);
	assert_string_equal(
		talk_say(&t, SL_INSIDE, "PRIVMSG bob :\001DCC ACCEPT \"a file\" 7000 4\001\r\n"),
		want);
	assert_reached(talk_knock(p, "203.0.113.7:4444", at), "10.0.0.2:7000");
	finish(p);
}

static void
resume_names_what_was_offered_last(void **state)
{
	struct talk t;
	struct pipe *p = client_inside(&t, state);
	char line[128], want[128];

	for (unsigned int i = 0; i < 40; i++) {
		struct talk_end at =
			offer(&t, "PRIVMSG bob :\001DCC SEND f ", 7100 + i, " 9\001\r\n");

		snprintf(line, sizeof(line),
			"@t=1 :bob!b@h PRIVMSG alice :\001DCC RESUME f %u 4 7\001\r\n", at.port);
		snprintf(want, sizeof(want),
			"@t=1 :bob!b@h PRIVMSG alice :\001DCC RESUME f %u 4 7\001\r\n", 7100 + i);
		assert_string_equal(talk_say(&t, SL_OUTSIDE, line), want);
		assert_int_not_equal(talk_knock(p, "203.0.113.7:4444", at).port, 0);
	}
	finish(p);
}

static void
other_ends_ports_are_left_alone(void **state)
{
	struct talk_end at;
	struct talk t;
	struct pipe *p = client_inside(&t, state);
	char line[128];

	at = offer(&t, "PRIVMSG bob :\001DCC SEND f ", 7000, " 9\001\r\n");
	/* the numbers are ours by chance only: each speaks of the other one's offer */
	snprintf(line, sizeof(line), "PRIVMSG bob :\001DCC RESUME g 7000 4\001\r\n");
	assert_untouched(&t, SL_INSIDE, line);
	snprintf(line, sizeof(line), ":bob!b@h PRIVMSG alice :\001DCC ACCEPT g %u 4\001\r\n",
		at.port);
	assert_untouched(&t, SL_OUTSIDE, line);
	/* of nobody's */
	assert_untouched(&t, SL_INSIDE, "PRIVMSG bob :\001DCC ACCEPT f 7001 4\001\r\n");
	assert_untouched(&t, SL_OUTSIDE, ":bob!b@h PRIVMSG alice :\001DCC RESUME f 0 4 77\001\r\n");
	assert_untouched(&t, SL_INSIDE, "PRIVMSG bob :\001DCC ACCEPT f 0 4 77\001\r\n");
	finish(p);
}

/* ---- what opens nothing ---- */

static void
addresses_of_others_open_nothing(void **state)
{
	struct talk t;
	struct pipe *p = client_inside(&t, state);

	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f " OTHER " 7000 9\001\r\n");
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f 10.0.0.3 7000 9\001\r\n");
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f " OTHER " 0 9 1\001\r\n");
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f 3405803783 7000 9\001\r\n");
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f 2001:db8::2 7000 9\001\r\n");
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f 0 7000 9\001\r\n");
	/* 2^32 + the client's, and the like */
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f 4462739458 7000 9\001\r\n");
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f -" INSIDE " 7000 9\001\r\n");
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f " INSIDE "x 7000 9\001\r\n");
	finish(p);
}

static void
ports_of_services_open_nothing(void **state)
{
	static const unsigned int port[] = { 1, 22, 80, 139, 445, 1023, 3389, 5060, 5900, 6667,
		8080 };
	struct talk t;
	struct pipe *p = client_inside(&t, state);

	for (size_t i = 0; i < RTE_DIM(port); i++) {
		char line[128];

		snprintf(line, sizeof(line), "PRIVMSG bob :\001DCC SEND f " INSIDE " %u 9\001\r\n",
			port[i]);
		assert_opens_nothing(&t, line);
	}
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f " INSIDE " 72536 9\001\r\n");
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f " INSIDE " 4294974296 9\001\r\n");
	finish(p);
}

static void
what_is_no_offer_opens_nothing(void **state)
{
	static const char *const line[] = {
		"PRIVMSG bob :\001DCC SEND " INSIDE " 7000\001\r\n",
		"PRIVMSG bob :\001DCC SEND f " INSIDE "\001\r\n",
		"PRIVMSG bob :\001DCC SEND\001\r\n",
		"PRIVMSG bob :\001DCC \001\r\n",
		"PRIVMSG bob :\001DCC\001\r\n",
		"PRIVMSG bob :\001\001\r\n",
		"PRIVMSG bob :\001\r\n",
		"PRIVMSG bob :\r\n",
		"PRIVMSG bob\r\n",
		"PRIVMSG\r\n",
		"\r\n",
		":\r\n",
		"@\r\n",
		"@a :b\r\n",
		"PRIVMSG bob :\001DCC SEND \"f " INSIDE " 7000 9\001\r\n",
		"PRIVMSG bob :\001DCC SEND \"f\"" INSIDE " 7000 9\001\r\n",
		"PRIVMSG bob :\001DCC GET f " INSIDE " 7000 9\001\r\n",
		"PRIVMSG bob :\001DCCX SEND f " INSIDE " 7000 9\001\r\n",
		"PRIVMSG bob :\001ACTION DCC SEND f " INSIDE " 7000 9\001\r\n",
		"PRIVMSG bob :\001DCC SEND f " INSIDE " 7000 9 8 7 6\001\r\n",
		"PRIVMSG bob :DCC SEND f " INSIDE " 7000 9\r\n",
		"PRIVMSG bob \001DCC SEND f " INSIDE " 7000 9\001\r\n",
		"PRIVMSG :\001DCC SEND f " INSIDE " 7000 9\001\r\n",
		"PRIVMSG bob carol :\001DCC SEND f " INSIDE " 7000 9\001\r\n",
		/* only in a message to somebody */
		"TOPIC #c :\001DCC SEND f " INSIDE " 7000 9\001\r\n",
		"QUIT :\001DCC SEND f " INSIDE " 7000 9\001\r\n",
		"KICK #c bob :\001DCC SEND f " INSIDE " 7000 9\001\r\n",
		"\001DCC SEND f " INSIDE " 7000 9\001 PRIVMSG bob :x\r\n",
	};

	for (size_t i = 0; i < RTE_DIM(line); i++) {
		struct talk t;
		struct pipe *p = client_inside(&t, state);

		assert_opens_nothing(&t, line[i]);
		finish(p);
	}
}

/* What others have said, and a client repeats. */
static void
words_of_others_open_nothing(void **state)
{
	struct talk t;
	struct pipe *p = client_inside(&t, state);

	assert_opens_nothing(&t, "PRIVMSG #c :he said \001DCC SEND f " INSIDE " 7000 9\001\r\n");
	assert_opens_nothing(
		&t, "NOTICE eve :\001PING 1\001\001DCC SEND f " INSIDE " 7000 9\001\001\r\n");
	assert_opens_nothing(&t, "NOTICE eve :\001PING \001DCC SEND f " INSIDE " 7000 9\001\r\n");
	assert_opens_nothing(
		&t, "PRIVMSG bob :\001PING x\001 and \001DCC SEND f " INSIDE " 7000 9\001\r\n");
	/* and what comes from outside opens nothing in any case */
	assert_untouched(
		&t, SL_OUTSIDE, ":eve!e@h PRIVMSG alice :\001DCC SEND f " INSIDE " 7000 9\001\r\n");
	assert_untouched(&t, SL_OUTSIDE, "PRIVMSG eve :\001DCC SEND f " OUTSIDE " 7000 9\001\r\n");
	assert_int_equal(mappings(p), 1);
	finish(p);
}

static void
offers_count_after_the_welcome_only(void **state)
{
	static const char *const before[][2] = {
		{ "NICK alice\r\nUSER a 0 * :A\r\n", ":irc.example NOTICE * :wait\r\n" },
		{ "NICK alice\r\n", ":irc.example 001 alice :Welcome\r\n" },
		{ "USER a 0 * :A\r\n", ":irc.example 001 alice :Welcome\r\n" },
		{ "CAP LS\r\n", ":irc.example 001 alice :Welcome\r\n" },
		{ "NICK alice\r\nUSER a 0 * :A\r\n", ":irc.example 433 * alice :in use 001\r\n" },
	};

	for (size_t i = 0; i < RTE_DIM(before); i++) {
		struct pipe *p = gateway(state, "");
		struct talk t;

		talk_open(&t, p, CLIENT, SERVER);
		assert_untouched(&t, SL_INSIDE, before[i][0]);
		assert_untouched(&t, SL_OUTSIDE, before[i][1]);
		assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f " INSIDE " 7000 9\001\r\n");
		finish(p);
	}
}

/* A web page has a browser say it, and the attacker's server plays its part. */
static void
browser_opens_nothing(void **state)
{
	static const char *const begins[] = {
		"POST / HTTP/1.1\r\nHost: 198.51.100.9:6667\r\n\r\n",
		"GET /\r\n",
		"Host: x\r\n",
		"x\r\n",
		"PRIVMSG a :b\r\n",
		"TOPIC #c :x\r\n",
		"SERVER irc.example 1 :link\r\n",
		"\026\003\001\002\r\n",
		" \001\r\n",
	};

	for (size_t i = 0; i < RTE_DIM(begins); i++) {
		struct pipe *p = gateway(state, "");
		struct talk t;

		talk_open(&t, p, CLIENT, SERVER);
		assert_untouched(&t, SL_INSIDE, begins[i]);
		log_in(&t);
		assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f " INSIDE " 7000 9\001\r\n");
		finish(p);
	}
}

static void
line_that_is_no_command_ends_it(void **state)
{
	struct talk t;
	struct pipe *p = client_inside(&t, state);

	assert_untouched(&t, SL_INSIDE, "Content-Length: 7\r\n");
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f " INSIDE " 7000 9\001\r\n");
	finish(p);
}

static void
hands_off_after_starttls(void **state)
{
	struct pipe *p = gateway(state, "");
	struct talk t;

	talk_open(&t, p, CLIENT, SERVER);
	assert_untouched(&t, SL_INSIDE, "STARTTLS\r\n");
	assert_untouched(&t, SL_OUTSIDE, ":irc.example 670 * :STARTTLS successful\r\n");
	log_in(&t);
	assert_opens_nothing(&t, "PRIVMSG bob :\001DCC SEND f " INSIDE " 7000 9\001\r\n");
	finish(p);
}

static void
server_inside_is_left_alone(void **state)
{
	struct pipe *p = gateway(state, "forward tcp 192.0.2.1:6667 > 10.0.0.2:6667");
	struct talk t;

	talk_open_inbound(&t, p, "198.51.100.7:4444", "192.0.2.1:6667", "10.0.0.2:6667");
	assert_untouched(&t, SL_OUTSIDE, "NICK bob\r\nUSER b 0 * :B\r\n");
	assert_untouched(&t, SL_INSIDE, ":irc.example 001 bob :Welcome\r\n");
	assert_opens_nothing(
		&t, ":alice!a@h PRIVMSG bob :\001DCC SEND f " INSIDE " 7000 9\001\r\n");
	assert_untouched(&t, SL_OUTSIDE, "PRIVMSG alice :\001DCC SEND f 3405803783 7000 9\001\r\n");
	finish(p);
}

/* ---- lengths ---- */

/* A line of so many bytes with an offer in it that is to grow by one for the address at least. */
static const char *
line_of(char *line, size_t n, const char *tags)
{
	static const char head[] = "PRIVMSG bob :\001DCC SEND ";
	static const char tail[] = " " INSIDE " 17000 9\001\r\n";
	size_t name = n - strlen(head) - strlen(tail);
	char *at = stpcpy(stpcpy(line, tags), head);

	memset(at, 'f', name);
	strcpy(at + name, tail);
	return line;
}

static void
line_never_becomes_longer_than_it_may_be(void **state)
{
	char line[TALK_MAX];
	struct talk t;
	struct pipe *p = client_inside(&t, state);
	const char *got;

	assert_opens_nothing(&t, line_of(line, 512, ""));
	assert_opens_nothing(&t, line_of(line, 520, ""));
	got = talk_say(&t, SL_INSIDE, line_of(line, 511, ""));
	assert_non_null(strstr(got, OUTSIDE));
	assert_in_range(strlen(got), 510, 512);
	finish(p);
}

static void
tags_may_be_long_and_lines_may_not_be_endless(void **state)
{
	static char line[TALK_MAX], tags[1200];
	struct talk t;
	struct pipe *p = client_inside(&t, state);
	const char *got;

	memset(tags, 't', 1000);
	memcpy(tags, "@a=", 3);
	strcpy(tags + 1000, " ");
	got = talk_say(&t, SL_INSIDE, line_of(line, 300, tags));
	assert_non_null(strstr(got, OUTSIDE));
	/* in several segments, up to what one line may be */
	memset(tags, 't', 1000);
	tags[1000] = 0;
	assert_string_equal(talk_begin(&t, SL_INSIDE, "@a="), "");
	for (int i = 0; i < 7; i++)
		talk_begin(&t, SL_INSIDE, tags);
	got = talk_say(&t, SL_INSIDE, line_of(line, 300, " "));
	assert_non_null(strstr(got, OUTSIDE));
	/* and no further */
	for (int i = 0; i < 10; i++)
		talk_begin(&t, SL_INSIDE, tags);
	assert_opens_nothing(&t, line_of(line, 300, "\r\n"));
	finish(p);
}

/* ---- both inside ---- */

static void
two_insiders_meet_at_the_outside_endpoint(void **state)
{
	struct talk_end at;
	struct talk t, u, data;
	struct pipe *p = client_inside(&t, state);
	char line[128], outside[32];

	talk_open(&u, p, "10.0.0.3:5000", SERVER);
	log_in(&u);
	at = offer(&t, "PRIVMSG bob :\001DCC SEND f ", 7000, " 9\001\r\n");
	snprintf(line, sizeof(line),
		":alice!a@h PRIVMSG bob :\001DCC SEND f " OUTSIDE " %u 9\001\r\n", at.port);
	assert_untouched(&u, SL_OUTSIDE, line);
	snprintf(outside, sizeof(outside), "192.0.2.1:%u", at.port);
	talk_open_hairpin(&data, p, "10.0.0.3:6000", outside, "10.0.0.2:7000");
	assert_untouched(&data, SL_OUTSIDE, "the file");
	assert_int_equal(talk_knock(p, "203.0.113.7:4444", at).port, 0);
	finish(p);
}

int
main(void)
{
	static unsigned int one = 1, three = 3;
#define BOTH(test) cmocka_unit_test_prestate(test, &one), cmocka_unit_test_prestate(test, &three)
	const struct CMUnitTest tests[] = {
		BOTH(offer_lets_one_connection_in),
		BOTH(all_kinds_of_offers_are_read),
		BOTH(several_offers_in_one_line),
		BOTH(dotted_address_stays_dotted),
		BOTH(client_that_knows_its_outside_address_gets_the_port),
		BOTH(passive_offer_tells_the_outside_address_and_opens_nothing),
		BOTH(answer_to_a_passive_offer_lets_the_sender_in),
		BOTH(offer_cut_anywhere_comes_out_whole),
		BOTH(nobody_comes_after_its_time),
		BOTH(client_may_try_to_join_before_it_says_its_name),
		BOTH(resume_and_accept_name_each_ends_own_port),
		BOTH(resume_names_what_was_offered_last),
		BOTH(other_ends_ports_are_left_alone),
		BOTH(addresses_of_others_open_nothing),
		BOTH(ports_of_services_open_nothing),
		BOTH(what_is_no_offer_opens_nothing),
		BOTH(words_of_others_open_nothing),
		BOTH(offers_count_after_the_welcome_only),
		BOTH(browser_opens_nothing),
		BOTH(line_that_is_no_command_ends_it),
		BOTH(hands_off_after_starttls),
		BOTH(server_inside_is_left_alone),
		BOTH(line_never_becomes_longer_than_it_may_be),
		BOTH(tags_may_be_long_and_lines_may_not_be_endless),
		BOTH(two_insiders_meet_at_the_outside_endpoint),
	};

	return cmocka_run_group_tests_name("irc", tests, pipe_setup, NULL);
}
