/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The FTP helper through whole gateways: what becomes of PORT, EPRT, 227 and 229, and which
 * data connections come in because of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ftpkit.h"

/* ---- client inside, active ---- */

static void
port_lets_the_servers_connection_in_once(void **state)
{
	struct pipe *p = ftp_gateway(state, "");
	struct talk_end at;
	struct talk t;

	ftp_client_inside(&t, p);
	at = ftp_six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	assert_int_equal(talk_knock(p, "203.0.113.66:20", at).port, 0);
	ftp_reached(talk_knock(p, "198.51.100.9:20", at), "10.0.0.2:7000");
	assert_int_equal(talk_knock(p, "198.51.100.9:22", at).port, 0);
	ftp_untouched(&t, SL_OUTSIDE, "200 fine\r\n");
	ftp_finish(p);
}

static void
eprt_does_the_same(void **state)
{
	struct pipe *p = ftp_gateway(state, "");
	struct talk_end at = talk_end("192.0.2.1:1");
	struct talk t;
	unsigned int port;

	ftp_client_inside(&t, p);
	assert_int_equal(sscanf(talk_say(&t, SL_INSIDE, "EPRT |1|10.0.0.2|7000|\r\n"),
				 "EPRT |1|192.0.2.1|%u|\r\n", &port),
		1);
	at.port = (uint16_t)port;
	ftp_reached(talk_knock(p, "198.51.100.9:20", at), "10.0.0.2:7000");
	/* IPv6 is none of ours, nor is what is not complete */
	ftp_untouched(&t, SL_INSIDE, "EPRT |2|2001:db8::2|7000|\r\n");
	ftp_untouched(&t, SL_INSIDE, "EPRT |1|10.0.0.2|7000\r\n");
	ftp_untouched(&t, SL_INSIDE, "EPRT |1|10.0.0.2|70000|\r\n");
	ftp_finish(p);
}

static void
many_transfers_in_one_connection(void **state)
{
	struct pipe *p = ftp_gateway(state, "");
	struct talk t;
	char line[64];

	ftp_client_inside(&t, p);
	for (unsigned int i = 0; i < 100; i++) {
		struct talk_end at;
		char want[32];

		snprintf(line, sizeof(line), "PORT 10,0,0,2,%u,%u\r\n", 40 + i, i);
		at = ftp_six(talk_say(&t, SL_INSIDE, line), "PORT ");
		ftp_untouched(&t, SL_OUTSIDE, "200 fine\r\n");
		ftp_untouched(&t, SL_INSIDE, "RETR file\r\n");
		snprintf(want, sizeof(want), "10.0.0.2:%u", (40 + i) << 8 | i);
		ftp_reached(talk_knock(p, "198.51.100.9:20", at), want);
		ftp_untouched(&t, SL_OUTSIDE, "150 here\r\n226 done\r\n");
	}
	ftp_finish(p);
}

static void
unused_port_closes_with_the_next_one(void **state)
{
	struct pipe *p = ftp_gateway(state, "");
	struct talk_end first, second;
	struct talk t;

	ftp_client_inside(&t, p);
	first = ftp_six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	assert_int_equal(ftp_mappings(p), 2);
	second = ftp_six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,89\r\n"), "PORT ");
	assert_int_equal(ftp_mappings(p), 2);
	assert_int_equal(talk_knock(p, "198.51.100.9:20", first).port, 0);
	ftp_reached(talk_knock(p, "198.51.100.9:20", second), "10.0.0.2:7001");
	ftp_finish(p);
}

static void
command_cut_anywhere_comes_out_whole(void **state)
{
	static const char line[] = "PORT 10,0,0,2,27,88\r\nNOOP\r\n";

	for (size_t cut = 1; cut + 1 < sizeof(line); cut++) {
		struct pipe *p = ftp_gateway(state, "");
		char out[TALK_MAX], head[64];
		struct talk_end at;
		struct talk t;

		ftp_client_inside(&t, p);
		snprintf(head, sizeof(head), "%.*s", (int)cut, line);
		snprintf(out, sizeof(out), "%s", talk_begin(&t, SL_INSIDE, head));
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s",
			talk_say(&t, SL_INSIDE, line + cut));
		at = ftp_six(out, "PORT ");
		assert_string_equal(strstr(out, "\r\n"), "\r\nNOOP\r\n");
		ftp_reached(talk_knock(p, "198.51.100.9:20", at), "10.0.0.2:7000");
		ftp_finish(p);
	}
}

static void
repeated_command_gives_the_same_bytes(void **state)
{
	static const char line[] = "PORT 10,0,0,2,27,88\r\n";
	struct pipe *p = ftp_gateway(state, "");
	char once[TALK_MAX];
	struct talk t;

	ftp_client_inside(&t, p);
	snprintf(once, sizeof(once), "%s", talk_begin(&t, SL_INSIDE, line));
	assert_string_equal(talk_repeat(&t, SL_INSIDE, line, sizeof(line) - 1), once);
	assert_int_equal(ftp_mappings(p), 2);
	ftp_finish(p);
}

/* ---- server inside, passive ---- */

static void
pasv_answer_becomes_an_outside_endpoint(void **state)
{
	struct pipe *p = ftp_gateway(state, FORWARD);
	struct talk_end at;
	struct talk t;

	ftp_server_inside(&t, p);
	ftp_untouched(&t, SL_OUTSIDE, "PASV\r\n");
	at = ftp_six(talk_say(&t, SL_INSIDE, "227 Entering Passive Mode (10,0,0,3,27,88).\r\n"),
		"227 Entering Passive Mode (");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	assert_int_equal(talk_knock(p, "203.0.113.66:5", at).port, 0);
	ftp_reached(talk_knock(p, "198.51.100.7:5555", at), "10.0.0.3:7000");
	assert_int_equal(talk_knock(p, "198.51.100.7:5556", at).port, 0);
	ftp_finish(p);
}

static void
epsv_answer_keeps_the_address_to_itself(void **state)
{
	struct pipe *p = ftp_gateway(state, FORWARD);
	struct talk_end at = talk_end("192.0.2.1:1");
	unsigned int port;
	struct talk t;

	ftp_server_inside(&t, p);
	ftp_untouched(&t, SL_OUTSIDE, "EPSV\r\n");
	assert_int_equal(sscanf(talk_say(&t, SL_INSIDE, "229 Extended (|||7000|)\r\n"),
				 "229 Extended (|||%u|)\r\n", &port),
		1);
	at.port = (uint16_t)port;
	ftp_reached(talk_knock(p, "198.51.100.7:5555", at), "10.0.0.3:7000");
	ftp_finish(p);
}

static void
epsv_at_another_address_is_refused_for_the_server(void **state)
{
	/* The server's own address is another one than the forward's. */
	struct pipe *p = ftp_gateway(
		state, "pool 192.0.2.20-192.0.2.20; forward tcp 192.0.2.1:2121 > 10.0.0.3:21");
	struct talk_end at;
	struct talk t;

	ftp_server_inside(&t, p);
	ftp_untouched(&t, SL_OUTSIDE, "EPSV\r\n");
	assert_int_equal(
		strncmp(talk_say(&t, SL_INSIDE, "229 Extended (|||7000|)\r\n"), "502 ", 4), 0);
	assert_int_equal(ftp_mappings(p), 1);
	ftp_untouched(&t, SL_OUTSIDE, "PASV\r\n");
	at = ftp_six(talk_say(&t, SL_INSIDE, "227 ok (10,0,0,3,27,88)\r\n"), "227 ok (");
	assert_int_equal(at.addr, conf_addr("192.0.2.20"));
	ftp_reached(talk_knock(p, "198.51.100.7:5555", at), "10.0.0.3:7000");
	ftp_finish(p);
}

static void
server_that_announces_its_public_address_is_right(void **state)
{
	struct pipe *p = ftp_gateway(state, FORWARD "; forward tcp 192.0.2.1:7000 > 10.0.0.3:7000");
	struct talk t;

	ftp_server_inside(&t, p);
	ftp_untouched(&t, SL_OUTSIDE, "PASV\r\n");
	/* its ports are forwarded one to one: nothing to change */
	ftp_untouched(&t, SL_INSIDE, "227 ok (192,0,2,1,27,88)\r\n");
	ftp_finish(p);
}

static void
clients_own_words_pass_when_the_server_is_inside(void **state)
{
	struct pipe *p = ftp_gateway(state, FORWARD);
	struct talk t;

	ftp_server_inside(&t, p);
	ftp_untouched(&t, SL_OUTSIDE, "PORT 198,51,100,7,27,88\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "PORT 10,0,0,3,27,88\r\n");
	assert_int_equal(ftp_mappings(p), 1);
	ftp_finish(p);
}

/* ---- server outside, passive ---- */

static void
private_address_of_an_outside_server_becomes_its_own(void **state)
{
	struct pipe *p = ftp_gateway(state, "");
	struct talk t;

	ftp_client_inside(&t, p);
	ftp_untouched(&t, SL_INSIDE, "PASV\r\n");
	assert_string_equal(talk_say(&t, SL_OUTSIDE, "227 ok (192,168,1,5,27,88)\r\n"),
		"227 ok (198,51,100,9,27,88)\r\n");
	ftp_untouched(&t, SL_INSIDE, "PASV\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "227 ok (198,51,100,10,27,88)\r\n");
	ftp_untouched(&t, SL_INSIDE, "EPSV\r\n");
	ftp_untouched(&t, SL_OUTSIDE, "229 ok (|||7000|)\r\n");
	assert_int_equal(ftp_mappings(p), 1);
	ftp_finish(p);
}

/* ---- both inside ---- */

static void
hairpin_active_and_passive(void **state)
{
	struct pipe *p = ftp_gateway(state, FORWARD);
	struct talk_end at;
	struct talk t;

	/* the helper knows servers by their port as the client sees it, and as it is */
	pipe_configure(p, "helper ftp on port=21,2121; " FORWARD);
	talk_open_hairpin(&t, p, CLIENT, "192.0.2.1:2121", "10.0.0.3:21");
	ftp_log_in(&t, SL_OUTSIDE);
	at = ftp_six(talk_say(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	ftp_untouched(&t, SL_OUTSIDE, "200 ok\r\n");
	ftp_untouched(&t, SL_INSIDE, "PASV\r\n");
	at = ftp_six(talk_say(&t, SL_OUTSIDE, "227 ok (10,0,0,3,27,99)\r\n"), "227 ok (");
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	assert_int_equal(ftp_mappings(p), 4);
	ftp_finish(p);
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
	cmocka_unit_test(hairpin_active_and_passive),
};

int
main(void)
{
	return ftp_run(tests, RTE_DIM(tests));
}
