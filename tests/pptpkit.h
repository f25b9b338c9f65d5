/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_PPTPKIT_H
#define TEST_PPTPKIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "talk.h"

#define PPTP_CLIENT "10.0.0.2"
#define PPTP_SERVER "198.51.100.9"
#define PPTP_OUTSIDE "192.0.2.1"
#define PPTP_BASE 1000000

/** Message types of RFC 2637. */
enum {
	SCCRQ = 1,
	SCCRP = 2,
	STOP_RQ = 3,
	STOP_RP = 4,
	ECHO_RQ = 5,
	ECHO_RP = 6,
	OCRQ = 7,
	OCRP = 8,
	ICRQ = 9,
	ICRP = 10,
	ICCN = 11,
	CCRQ = 12,
	CDN = 13,
	WEN = 14,
	SLI = 15,
};

/** The two fields of a message where ids may be. */
struct ids {
	uint16_t id, peer;
};

/** A gateway with the helper on; state is cmocka's with the number of workers. */
struct pipe *pptp_gateway(void **state, const char *conf);

/** The same with nothing but conf. */
struct pipe *pptp_gateway_plain(void **state, const char *conf);

/** All packets are accounted for and freed. */
void pptp_finish(struct pipe *p);

/** A message as bytes, of the length that the RFC gives its type; b has 256. */
uint32_t pptp_build(uint8_t *b, unsigned int type, uint16_t id, uint16_t peer, uint8_t result);

/** One end says a message; the ids that arrive. The rest must arrive as it was. */
struct ids pptp_say(struct talk *t, enum sl_side from, unsigned int type, uint16_t id,
	uint16_t peer, uint8_t result);

/** The same, and the ids must arrive as they were. */
void pptp_untouched(struct talk *t, enum sl_side from, unsigned int type, uint16_t id,
	uint16_t peer, uint8_t result);

/** A control connection from inside to the server, ready for calls. */
void pptp_open(struct talk *t, struct pipe *p, const char *inside, const char *server);

/** One from outside to the server inside. */
void pptp_open_inbound(struct talk *t, struct pipe *p, const char *remote, const char *inside);

/** The end `caller` makes a call with its id, the other one answers with its own; what arrived as
 * the id of the one who is inside. */
uint16_t pptp_dial(struct talk *t, enum sl_side caller, uint16_t own, uint16_t other);

/** A packet comes in at a side; NULL: it must be dropped, else this one must come out across, or
 * inside when it begins with "@in ". */
void pptp_packet(struct pipe *p, enum sl_side side, const char *in, const char *out);

/** Enhanced GRE from src to dst with an id becomes the other, or is dropped with want NULL. */
void pptp_gre(struct pipe *p, enum sl_side side, const char *src, const char *dst, uint16_t id,
	const char *want_src, const char *want_dst, uint16_t want_id);

/** Packets pass between the client and the server by these ids, both ways. */
void pptp_tunnel(struct pipe *p, const char *inside, const char *outside, const char *remote,
	uint16_t own, uint16_t out, uint16_t other);

/** No packet passes either way, and each is dropped by this counter. */
void pptp_no_tunnel(struct pipe *p, const char *inside, const char *outside, const char *remote,
	uint16_t out, uint16_t other, enum sl_counter why);

/** Sessions of GRE. */
unsigned int pptp_sessions(struct pipe *p);

/** Time goes on by so many milliseconds. */
void pptp_wait(struct pipe *p, uint64_t ms);

/** Run the tests with 1, 2 and 3 workers. */
int pptp_run(const struct CMUnitTest *tests, size_t n);

#endif
