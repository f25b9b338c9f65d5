/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_HELPERFAKE_H
#define TEST_HELPERFAKE_H

#include "helper_note.h"
#include "helpers.h"
#include "helpertoy.h"

#define FAKE_WORKERS 2 /* hosts with an even last byte belong to worker 0 */
#define FAKE_GIVEN 256
#define FAKE_ASKED 256

/** A packet that control has given back. */
struct fake_given {
	struct rte_mbuf *m;
	unsigned int worker;
	struct sl_helper_note note;
};

/** A world without a gateway: what control asks and gives stays here for the test to see. */
struct fake {
	struct sl_helpers *hs;
	uint64_t now;
	bool ask_full, give_full; /* rings */
	unsigned int n_given, n_asked, n_sent; /* n_sent: asked so far */
	struct fake_given given[FAKE_GIVEN];
	struct {
		struct sl_msg *msg;
		unsigned int worker;
	} asked[FAKE_ASKED];
	uint16_t next_port; /* of the next answer, from 20000 */
};

/** A world, with room for so many flows and expectations; toys are on. */
struct fake *fake_create(uint32_t max_flows, uint32_t max_expected);
void fake_destroy(struct fake *f);

/** The note of a UDP flow from 10.0.0.HOST:PORT to 198.51.100.9:4000; its place is the port's. */
struct sl_helper_note fake_flow(uint8_t host, uint16_t port);

/** A datagram of the flow, translated already: its bytes as the receiver shall see them. */
struct rte_mbuf *fake_datagram(
	const struct sl_helper_note *note, enum sl_side from, const void *payload, size_t n);

/** Control gets a packet. */
void fake_punt(
	struct fake *f, const struct sl_helper_note *note, enum sl_side from, struct rte_mbuf *m);

/** Control gets a datagram with this text from inside. */
void fake_say(struct fake *f, const struct sl_helper_note *note, const char *text);

/** The flow ends. */
void fake_end(struct fake *f, const struct sl_helper_note *note);

/** The flow that was expected once has come to an inside port of 10.0.0.HOST. */
void fake_met(struct fake *f, uint8_t host, uint16_t port);

/** A worker answers what it was asked i-th of what is not answered yet. */
void fake_answer(struct fake *f, unsigned int i, int status);

/** The request that is asked for i-th. */
const struct sl_map_request *fake_request(const struct fake *f, unsigned int i);

/** Text of the datagram that was given back first; freed and forgotten. Checks it whole. */
const char *fake_got(struct fake *f);

/** Time goes on by so many milliseconds, what is due is done. */
void fake_wait(struct fake *f, uint64_t ms);

/** What happened to toys. */
const struct sl_helper_count *fake_count(const struct fake *f, unsigned int helper);

/** Expectations alive. */
unsigned int fake_expectations(struct fake *f);

#endif
