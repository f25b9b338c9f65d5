/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The PPTP helper through whole gateways: what becomes of the call ids in control messages, and
 * where packets of the tunnels go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pptpkit.h"

#define C PPTP_CLIENT
#define C2 "10.0.0.3"
#define S PPTP_SERVER
#define O PPTP_OUTSIDE
#define FORWARD "forward tcp 192.0.2.1:1723 > 10.0.0.3:1723"
#define R1 "198.51.100.7"
#define R2 "198.51.100.8"

/* ---- calls from inside ---- */

static void
call_is_a_tunnel_both_ways(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;
	uint16_t out;

	pptp_open(&t, p, C, S);
	assert_int_equal(pptp_sessions(p), 0);
	out = pptp_dial(&t, SL_INSIDE, 100, 7);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_tunnel(p, C, O, S, 100, out, 7);
	pptp_tunnel(p, C, O, S, 100, out, 7);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_finish(p);
}

/* Whoever dialled first has the id that both have chosen. */
static void
two_clients_with_one_id_have_two_outside(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;
	uint16_t out_a, out_b;

	pptp_open(&a, p, C, S);
	pptp_open(&b, p, C2, S);
	out_a = pptp_dial(&a, SL_INSIDE, 100, 7);
	out_b = pptp_dial(&b, SL_INSIDE, 100, 8);
	assert_int_equal(out_a, 100);
	assert_int_not_equal(out_a, out_b);
	pptp_tunnel(p, C, O, S, 100, out_a, 7);
	pptp_tunnel(p, C2, O, S, 100, out_b, 8);
	/* what is said of the second one's call says its outside id */
	assert_int_equal(pptp_say(&b, SL_OUTSIDE, SLI, out_b, 0, 0).id, 100);
	assert_int_equal(pptp_say(&b, SL_OUTSIDE, WEN, out_b, 0, 0).id, 100);
	assert_int_equal(pptp_say(&b, SL_INSIDE, CCRQ, 100, 0, 0).id, out_b);
	pptp_untouched(&b, SL_OUTSIDE, CDN, 8, 0, 0);
	pptp_no_tunnel(p, C2, O, S, out_b, 8, SL_COUNTER_DROP_CALL_OVER);
	pptp_tunnel(p, C, O, S, 100, out_a, 7);
	pptp_finish(p);
}

/* Both as the RFC has it, and as some programs do. */
static void
disconnect_names_the_call_by_either_id(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;
	uint16_t out;

	pptp_open(&a, p, C, S);
	pptp_dial(&a, SL_INSIDE, 100, 7);
	pptp_open(&b, p, C2, S);
	out = pptp_dial(&b, SL_INSIDE, 100, 8);
	assert_int_equal(pptp_say(&b, SL_OUTSIDE, CDN, out, 0, 1).id, 100);
	assert_int_equal(pptp_sessions(p), 1);
	out = pptp_dial(&b, SL_INSIDE, 100, 9);
	pptp_tunnel(p, C2, O, S, 100, out, 9);
	pptp_untouched(&b, SL_OUTSIDE, CDN, 9, 0, 1);
	assert_int_equal(pptp_sessions(p), 1);
	out = pptp_dial(&b, SL_INSIDE, 100, 10);
	pptp_untouched(&b, SL_INSIDE, CDN, 10, 0, 1);
	assert_int_equal(pptp_sessions(p), 1);
	out = pptp_dial(&b, SL_INSIDE, 100, 11);
	assert_int_equal(pptp_say(&b, SL_INSIDE, CDN, 100, 0, 1).id, out);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_finish(p);
}

static void
one_client_of_two_servers(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;
	uint16_t out_a, out_b;

	pptp_open(&a, p, C, S);
	pptp_open(&b, p, C, R1);
	out_a = pptp_dial(&a, SL_INSIDE, 100, 7);
	out_b = pptp_dial(&b, SL_INSIDE, 100, 7);
	pptp_tunnel(p, C, O, S, 100, out_a, 7);
	pptp_tunnel(p, C, O, R1, 100, out_b, 7);
	talk_close(&a, SL_INSIDE, true);
	pptp_no_tunnel(p, C, O, S, out_a, 7, SL_COUNTER_DROP_CALL_OVER);
	pptp_tunnel(p, C, O, R1, 100, out_b, 7);
	pptp_finish(p);
}

/* A call that is over does not hide one that has got its outside id since. */
static void
cleared_call_does_not_hide_another(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;
	uint16_t out;

	pptp_open(&a, p, C, S);
	pptp_dial(&a, SL_INSIDE, 100, 7);
	pptp_open(&b, p, C2, S);
	out = pptp_dial(&b, SL_INSIDE, 100, 8);
	assert_int_equal(pptp_say(&b, SL_INSIDE, CCRQ, 100, 0, 0).id, out);
	assert_int_equal(pptp_dial(&b, SL_INSIDE, out, 9), out);
	pptp_tunnel(p, C2, O, S, out, out, 9);
	assert_int_equal(pptp_say(&b, SL_OUTSIDE, SLI, out, 0, 0).id, out);
	pptp_untouched(&b, SL_OUTSIDE, CDN, 9, 0, 0);
	pptp_no_tunnel(p, C2, O, S, out, 9, SL_COUNTER_DROP_CALL_OVER);
	pptp_finish(p);
}

static void
several_calls_of_one_connection(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	uint16_t out[20];
	struct talk t;

	pptp_open(&t, p, C, S);
	for (uint16_t i = 0; i < 20; i++)
		out[i] = pptp_dial(&t, SL_INSIDE, 100 + i, 700 + i);
	for (uint16_t i = 0; i < 20; i++)
		pptp_tunnel(p, C, O, S, 100 + i, out[i], 700 + i);
	pptp_untouched(&t, SL_OUTSIDE, CDN, 705, 0, 1);
	pptp_no_tunnel(p, C, O, S, out[5], 705, SL_COUNTER_DROP_CALL_OVER);
	assert_int_equal(pptp_sessions(p), 19);
	talk_close(&t, SL_OUTSIDE, false);
	assert_int_equal(pptp_sessions(p), 0);
	pptp_finish(p);
}

/* Ids of zero and of all ones are ids, and so is the one that stands for calls in keys. */
static void
any_id_will_do(void **state)
{
	static const uint16_t ids[] = { 0, 1, 0x880b, 0xffff, 0x0b88 };
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;

	pptp_open(&t, p, C, S);
	for (size_t i = 0; i < RTE_DIM(ids); i++) {
		for (size_t k = 0; k < RTE_DIM(ids); k++) {
			uint16_t out = pptp_dial(&t, SL_INSIDE, ids[i], ids[k]);

			pptp_tunnel(p, C, O, S, ids[i], out, ids[k]);
			assert_int_equal(pptp_say(&t, SL_INSIDE, CCRQ, ids[i], 0, 0).id, out);
			assert_int_equal(pptp_sessions(p), 0);
		}
	}
	pptp_finish(p);
}

static void
dialled_again_with_the_same_id(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;
	uint16_t out, again;

	pptp_open(&t, p, C, S);
	out = pptp_dial(&t, SL_INSIDE, 100, 7);
	pptp_tunnel(p, C, O, S, 100, out, 7);
	again = pptp_dial(&t, SL_INSIDE, 100, 8);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_tunnel(p, C, O, S, 100, again, 8);
	/* and with ids that have just ended */
	assert_int_equal(pptp_say(&t, SL_INSIDE, CCRQ, 100, 0, 0).id, again);
	pptp_no_tunnel(p, C, O, S, again, 8, SL_COUNTER_DROP_CALL_OVER);
	again = pptp_dial(&t, SL_INSIDE, 100, 8);
	pptp_tunnel(p, C, O, S, 100, again, 8);
	pptp_finish(p);
}

/* The server has told one id twice: what it says last counts. */
static void
remote_id_used_again(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;
	uint16_t out;

	pptp_open(&t, p, C, S);
	pptp_dial(&t, SL_INSIDE, 100, 7);
	out = pptp_dial(&t, SL_INSIDE, 101, 7);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_tunnel(p, C, O, S, 101, out, 7);
	pptp_finish(p);
}

static void
remote_end_may_send_before_its_reply_is_through(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct ids asked;
	struct talk t;

	pptp_open(&t, p, C, S);
	asked = pptp_say(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	pptp_gre(p, SL_OUTSIDE, S, O, asked.id, S, C, 100);
	pptp_gre(p, SL_OUTSIDE, R1, O, asked.id, NULL, NULL, 0);
	pptp_gre(p, SL_OUTSIDE, S, O, asked.id + 1, NULL, NULL, 0);
	pptp_say(&t, SL_OUTSIDE, OCRP, 7, asked.id, 1);
	pptp_tunnel(p, C, O, S, 100, asked.id, 7);
	pptp_finish(p);
}

/* ---- calls from outside ---- */

static void
incoming_call_from_the_server(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;
	struct ids told;

	pptp_open(&b, p, C2, S);
	pptp_dial(&b, SL_INSIDE, 100, 6);
	pptp_open(&a, p, C, S);
	pptp_untouched(&a, SL_OUTSIDE, ICRQ, 7, 0x5555, 0);
	assert_int_equal(pptp_sessions(p), 1);
	told = pptp_say(&a, SL_INSIDE, ICRP, 100, 7, 1);
	assert_int_equal(told.peer, 7);
	assert_int_not_equal(told.id, 100);
	assert_int_equal(pptp_say(&a, SL_OUTSIDE, ICCN, told.id, 0, 0).id, 100);
	pptp_tunnel(p, C, O, S, 100, told.id, 7);
	/* the inside host speaks of the server's id */
	pptp_untouched(&a, SL_INSIDE, SLI, 7, 0, 0);
	pptp_finish(p);
}

static void
incoming_call_to_the_server(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;
	struct ids asked;

	pptp_open(&t, p, C, S);
	asked = pptp_say(&t, SL_INSIDE, ICRQ, 100, 0, 0);
	assert_int_equal(pptp_say(&t, SL_OUTSIDE, ICRP, 7, asked.id, 1).peer, 100);
	pptp_untouched(&t, SL_INSIDE, ICCN, 7, 0, 0);
	pptp_tunnel(p, C, O, S, 100, asked.id, 7);
	pptp_finish(p);
}

static void
server_inside_with_two_clients(void **state)
{
	struct pipe *p = pptp_gateway(state, FORWARD);
	struct talk a, b;
	uint16_t out_a, out_b;

	pptp_open_inbound(&a, p, R1, C2);
	pptp_open_inbound(&b, p, R2, C2);
	out_a = pptp_dial(&a, SL_OUTSIDE, 100, 7);
	out_b = pptp_dial(&b, SL_OUTSIDE, 100, 8);
	pptp_tunnel(p, C2, O, R1, 7, out_a, 100);
	pptp_tunnel(p, C2, O, R2, 8, out_b, 100);
	assert_int_equal(pptp_say(&a, SL_INSIDE, CDN, 7, 0, 1).id, out_a);
	pptp_no_tunnel(p, C2, O, R1, out_a, 100, SL_COUNTER_DROP_CALL_OVER);
	pptp_tunnel(p, C2, O, R2, 8, out_b, 100);
	talk_close(&b, SL_OUTSIDE, false);
	pptp_no_tunnel(p, C2, O, R2, out_b, 100, SL_COUNTER_DROP_CALL_OVER);
	pptp_finish(p);
}

/* The client knows the forward's address, whatever else the server has. */
static void
server_inside_answers_by_its_forwards_address(void **state)
{
	struct pipe *p = pptp_gateway(state, "pool 192.0.2.20-192.0.2.20; " FORWARD);
	struct talk t;
	uint16_t out;

	pptp_open_inbound(&t, p, R1, C2);
	out = pptp_dial(&t, SL_OUTSIDE, 100, 7);
	pptp_tunnel(p, C2, O, R1, 7, out, 100);
	/* other GRE of the host has its own address */
	pptp_packet(p, SL_INSIDE, "ip 10.0.0.3 > 198.51.100.7 proto=47 hex=0000080045000000",
		"ip 192.0.2.20 > 198.51.100.7 proto=47 hex=0000080045000000");
	pptp_tunnel(p, C2, O, R1, 7, out, 100);
	assert_int_equal(pipe_configure(p, "helper pptp on; mtu inside 1400; pool "
					   "192.0.2.20-192.0.2.20; " FORWARD),
		0);
	pptp_wait(p, 2000);
	pptp_tunnel(p, C2, O, R1, 7, out, 100);
	assert_int_equal(pipe_configure(p, "helper pptp on; pool 192.0.2.20-192.0.2.20"), 0);
	pptp_wait(p, 2000);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_finish(p);
}

static void
two_servers_inside(void **state)
{
	struct pipe *p = pptp_gateway(state, "pool 192.0.2.20-192.0.2.20; " FORWARD
					     "; forward tcp 192.0.2.20:1723 > 10.0.0.2:1723");
	struct talk a, b;
	uint16_t out_a, out_b;

	pptp_open_inbound(&a, p, R1, C2);
	talk_open_inbound(&b, p, R1 ":5000", "192.0.2.20:1723", C ":1723");
	pptp_untouched(&b, SL_OUTSIDE, SCCRQ, 0x100, 0, 0);
	pptp_untouched(&b, SL_INSIDE, SCCRP, 0x100, 0, 1);
	out_a = pptp_dial(&a, SL_OUTSIDE, 100, 7);
	out_b = pptp_dial(&b, SL_OUTSIDE, 101, 7);
	pptp_tunnel(p, C2, O, R1, 7, out_a, 100);
	pptp_tunnel(p, C, "192.0.2.20", R1, 7, out_b, 101);
	pptp_finish(p);
}

/* ---- in pieces, and again ---- */

static void
messages_cut_anywhere_and_together(void **state)
{
	for (uint32_t cut = 1; cut < 168 + 40; cut += 3) {
		struct pipe *p = pptp_gateway(state, "");
		uint8_t b[512], whole[512];
		const uint8_t *got;
		struct talk a, t;
		uint32_t n, had;

		pptp_open(&a, p, C2, S);
		pptp_dial(&a, SL_INSIDE, 100, 6);
		pptp_open(&t, p, C, S);
		n = pptp_build(b, OCRQ, 100, 0, 0);
		n += pptp_build(b + n, WEN, 6, 0, 0);
		got = talk_send(&t, SL_INSIDE, b, cut);
		had = t.n_got;
		memcpy(whole, got, had);
		got = talk_send(&t, SL_INSIDE, b + cut, n - cut);
		assert_int_equal(had + t.n_got, n);
		memcpy(whole + had, got, t.n_got);
		assert_memory_equal(whole, b, 12);
		assert_memory_not_equal(whole + 12, b + 12, 2);
		assert_memory_equal(whole + 14, b + 14, n - 14);
		pptp_finish(p);
	}
}

/* ---- switched off, two inside ---- */

static void
switched_off_gre_goes_by_addresses(void **state)
{
	struct pipe *p = pptp_gateway_plain(state, "icmp-refusal 255");
	struct talk t;

	pptp_open(&t, p, C, S);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	pptp_untouched(&t, SL_OUTSIDE, OCRP, 7, 100, 1);
	pptp_gre(p, SL_INSIDE, C, S, 7, O, S, 7);
	pptp_gre(p, SL_OUTSIDE, S, O, 100, S, C, 100);
	pptp_gre(p, SL_INSIDE, C2, S, 8, NULL, NULL, 0);
	pptp_finish(p);
}

/* An insider's packet to the outside address, whose receiver is another one. */
static void
turns(struct pipe *p, const char *from, uint16_t id, const char *to, uint16_t own)
{
	char in[128], out[128];

	snprintf(in, sizeof(in), "ip %s > " O " proto=47 hex=2001880b0000%04x00000001", from, id);
	snprintf(out, sizeof(out), "@in ip " O " > %s proto=47 hex=2001880b0000%04x00000001", to,
		own);
	pptp_packet(p, SL_INSIDE, in, out);
}

static void
hairpin(void **state)
{
	struct pipe *p = pptp_gateway(state, FORWARD);
	struct ids asked, told;
	struct talk t;

	talk_open_hairpin(&t, p, C ":5000", O ":1723", C2 ":1723");
	pptp_untouched(&t, SL_INSIDE, SCCRQ, 0x100, 0, 0);
	pptp_untouched(&t, SL_OUTSIDE, SCCRP, 0x100, 0, 1);
	asked = pptp_say(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	told = pptp_say(&t, SL_OUTSIDE, OCRP, 100, asked.id, 1);
	assert_int_equal(told.peer, 100);
	assert_int_equal(pptp_sessions(p), 2);
	turns(p, C, told.id, C2, 100);
	turns(p, C2, asked.id, C, 100);
	/* nobody outside may speak for one of them */
	pptp_gre(p, SL_OUTSIDE, O, O, told.id, NULL, NULL, 0);
	talk_close(&t, SL_INSIDE, false);
	assert_int_equal(pptp_sessions(p), 0);
	pptp_finish(p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(call_is_a_tunnel_both_ways),
	cmocka_unit_test(two_clients_with_one_id_have_two_outside),
	cmocka_unit_test(disconnect_names_the_call_by_either_id),
	cmocka_unit_test(one_client_of_two_servers),
	cmocka_unit_test(cleared_call_does_not_hide_another),
	cmocka_unit_test(several_calls_of_one_connection),
	cmocka_unit_test(any_id_will_do),
	cmocka_unit_test(dialled_again_with_the_same_id),
	cmocka_unit_test(remote_id_used_again),
	cmocka_unit_test(remote_end_may_send_before_its_reply_is_through),
	cmocka_unit_test(incoming_call_from_the_server),
	cmocka_unit_test(incoming_call_to_the_server),
	cmocka_unit_test(server_inside_with_two_clients),
	cmocka_unit_test(server_inside_answers_by_its_forwards_address),
	cmocka_unit_test(two_servers_inside),
	cmocka_unit_test(messages_cut_anywhere_and_together),
	cmocka_unit_test(switched_off_gre_goes_by_addresses),
	cmocka_unit_test(hairpin),
};

int
main(void)
{
	return pptp_run(tests, RTE_DIM(tests));
}
