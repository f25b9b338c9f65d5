/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_STREAMRIG_H
#define TEST_STREAMRIG_H

#include "stream_state.h"
#include "streamtoy.h"
#include "tcpwire.h"

#define RIG_OUT 256
#define RIG_MBUFS 511
#define RIG_MSS 100

#define IN SL_INSIDE
#define OUT SL_OUTSIDE

/** One stream of the toy protocol, and the packets that it gave. */
struct rig {
	struct sl_streams *streams;
	struct sl_stream *s;
	struct toy toy;
	struct rte_mempool *pool;
	uint64_t now;
	uint32_t chunks; /* free at first */
	/* what the next packets have, unless they say otherwise */
	bool ts, v6;
	uint16_t win;
	uint8_t scale; /* of both windows; 0: without the option */
	uint32_t isn[2];
	/* given by the stream, not expected yet */
	struct tcpwire out[RIG_OUT];
	uint8_t data[RIG_OUT][2048];
	unsigned int n_out, n_expected;
};

extern struct rig rig;

/** Before all tests: EAL and mbufs. */
int rig_setup(void **state);

/** Before and after each test: a stream, and nothing left of it. Initial sequence numbers
 * come from rig_isn. */
int rig_begin(void **state);
int rig_end(void **state);

/** Initial sequence number of the inside; the outside's is near when it wraps. */
extern uint32_t rig_isn;

/** A new stream instead of the one there is, with memory of this size; 0: as usual. */
void rig_streams(const struct sl_streams_params *params);

/** The handshake, from the inside, MSS RIG_MSS. */
void rig_open(void);

/** A packet from a side. seq 1 is its first byte of data, ack 1 acknowledges the SYN. */
void rig_give(struct tcpwire t);

/** The same with text, which may be NULL. */
void rig_text(enum sl_side from, uint32_t seq, uint32_t ack, uint8_t flags, const char *text);

/** The next packet must be this one; numbers as above. What it has besides is returned. */
const struct tcpwire *rig_expect(
	enum sl_side from, uint32_t seq, uint32_t ack, uint8_t flags, const char *text);

/** The next packet, whatever it is. */
const struct tcpwire *rig_next(void);

/** And that was all. */
void rig_expect_nothing(void);

/** Run all tests with several initial sequence numbers. */
struct CMUnitTest;
int rig_run(const struct CMUnitTest *tests, size_t n);

/** Time goes on; the stream does what is due. */
void rig_wait(uint64_t ms);

#endif
