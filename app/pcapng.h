/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PCAPNG_H
#define PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_ether.h>

/** An interface of a capture; they are numbered as they are put, from 0. */
struct pcapng_interface {
	const char *name, *description;
	struct rte_ether_addr mac;
	uint32_t keep; /**< most bytes kept of a frame */
};

/** A frame in a capture. */
struct pcapng_frame {
	uint32_t interface; /**< number */
	bool leaves; /**< else it came in */
	uint64_t when; /**< nanoseconds since 1970 */
	uint64_t packet; /**< the same for all frames of one packet */
	const uint8_t *bytes;
	uint32_t kept, len;
	const char *comment; /**< or NULL */
};

/** Bytes of a capture in memory; zero is an empty one. */
struct pcapng {
	uint8_t *data;
	size_t len, room;
	bool lost; /**< memory ran out once: what follows is not whole */
};

/** Begin a file. */
void pcapng_begin(struct pcapng *p, const char *program, const char *comment);

/** An interface; all of them before the first frame. */
void pcapng_interface(struct pcapng *p, const struct pcapng_interface *i);

/** A frame. */
void pcapng_frame(struct pcapng *p, const struct pcapng_frame *f);

/** What an interface has seen, at the end. */
void pcapng_statistics(
	struct pcapng *p, uint32_t interface, uint64_t when, uint64_t received, uint64_t dropped);

/** Forget the bytes, and their memory. */
void pcapng_fini(struct pcapng *p);

#endif /* PCAPNG_H */
