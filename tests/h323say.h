/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_H323SAY_H
#define TEST_H323SAY_H

#include "h323make.h"
#include "talk.h"

#define CALLER "10.0.0.2:5000"
#define CALLEE "198.51.100.9:1720" /* outside */
#define SERVER "10.0.0.3:1720" /* inside */
#define OUTSIDE "192.0.2.1:1720"
#define PEER "198.51.100.7:4444"
#define FORWARD "forward tcp " OUTSIDE " > " SERVER

/** A gateway with the helper switched on; state is the number of workers. */
struct pipe *h323_gateway(void **state, const char *conf);
void h323_finish(struct pipe *p);

/** A connection for call signalling, from inside to CALLEE, or from PEER to SERVER. */
void h323_from_inside(struct talk *t, struct pipe *p);
void h323_from_outside(struct talk *t, struct pipe *p);

/** An end says a message, and what arrives is as long. */
void h323_say(struct talk *t, enum sl_side from, const struct h323_make *make);

/** The same, and nobody has touched it. */
void h323_untouched(struct talk *t, enum sl_side from, const struct h323_make *make);

/** H.245 on a connection of its own. */
void h245_say(struct talk *t, enum sl_side from, struct bits message);
void h245_untouched(struct talk *t, enum sl_side from, struct bits message);

/** What stands in the last message's arrival where it said this endpoint for the i-th time; all
 * the bytes around the endpoints taken so are as they were said (h323_rest_is_as_said()). */
struct talk_end h323_became(const char *endpoint, unsigned int i);
void h323_rest_is_as_said(void);

/** Somebody outside sends a datagram; the inside endpoint that is reached, port 0: none. */
struct talk_end h323_media(struct pipe *p, const char *remote, struct talk_end at);

void assert_end(struct talk_end got, const char *want);
void assert_nobody(struct talk_end got);
uint64_t h323_mappings(const struct pipe *p);

#endif
