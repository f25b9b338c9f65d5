/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MODEL_PLAY_H
#define MODEL_PLAY_H

#include "model.h"

/** What a step does. */
enum play_kind {
	PLAY_OUT, /**< an inside host to anybody, new or known */
	PLAY_OUT_FLOW, /**< the inside end of a session */
	PLAY_IN_FLOW, /**< its remote end */
	PLAY_IN_OTHER, /**< another remote end to the same outer tuple */
	PLAY_IN_ANY, /**< somebody outside to any port of ours */
	PLAY_FORWARD, /**< to a forward */
	PLAY_HAIRPIN, /**< an inside host to another's outer tuple */
	PLAY_ERROR_IN, /**< an ICMP error about what went out */
	PLAY_ERROR_OUT, /**< about what came in */
	PLAY_PIECES, /**< a datagram in two fragments */
	PLAY_ODD, /**< something broken or foreign */
	PLAY_CLEAR, /**< control ends sessions */
	PLAY_CONF, /**< another configuration */
	PLAY_KINDS
};

extern const char *const play_name[PLAY_KINDS];

/** One step; it can be played again in another history, where its session is another. */
struct play_step {
	uint64_t number, random, wait; /* milliseconds before it */
	uint64_t about; /* the step that made its session, 0: none chosen */
	uint64_t then; /* proto, place among those of that step */
	uint8_t kind, worker, polls;
	uint8_t edge; /* at the end of its session's time: 1 a moment before, 2 then, 3 after */
};

/** Frames that a step sends, all by one side. */
struct play_frames {
	unsigned int n, len[2];
	enum sl_side side;
	uint8_t b[2][M_FRAME_MAX];
};

uint64_t play_random(uint64_t *state);

/** A step at random. */
struct play_step play_step(uint64_t *state, uint64_t number, unsigned int workers);

/** The session it is about, chosen when it has none; NULL: there is none. */
struct m_session *play_session(struct play_step *step, struct model *m);

/** Its frames in this state of affairs; none when they make no sense. */
void play_frames(struct play_step *step, struct model *m, struct play_frames *f);

/** The configuration to begin with, and another one. */
enum play_mode {
	PLAY_EI,
	PLAY_ED,
	PLAY_FIXED,
	PLAY_BLOCKS,
	PLAY_NAT64,
	PLAY_MODES
};
extern const char *const play_mode_name[PLAY_MODES];
void play_first_conf(struct m_conf *c, enum play_mode mode, unsigned int workers, uint64_t seed);
void play_next_conf(struct m_conf *c, uint64_t random);

/** As the bench reads it (tests/conf.c). */
void play_conf_text(const struct m_conf *c, char *text, size_t size);

#endif
