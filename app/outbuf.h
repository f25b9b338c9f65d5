/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef OUTBUF_H
#define OUTBUF_H

#include <stdbool.h>
#include <stddef.h>

#define OUTBUF_HIGH (64u << 10) /* with more waiting, no new work is begun */

/** Bytes on their way to a descriptor that may be slow. Zero is an empty one. */
struct outbuf {
	char *data;
	size_t head, len, room;
	bool lost; /**< memory ran out once: what follows is not whole */
};

/** Append. */
void outbuf_add(struct outbuf *buf, const void *data, size_t len);

/** Write what fd takes without blocking; 1 when something is left, 0 when not, -errno. */
int outbuf_flush(struct outbuf *buf, int fd);

/** Bytes waiting. */
size_t outbuf_waiting(const struct outbuf *buf);

/** Forget everything. */
void outbuf_fini(struct outbuf *buf);

#endif /* OUTBUF_H */
