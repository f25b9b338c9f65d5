/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SINK_H
#define SINK_H

#include <stddef.h>
#include <stdint.h>

#include "sluice.h"

/** One place for records, reached by datagrams that never block. Control lcore only. */
struct sink {
	struct sl_log_sink to;
	int fd; /**< -1: not open */
	int error; /**< errno of the last trouble; 0: none for some seconds */
	unsigned int calm; /**< seconds since */
	unsigned int last; /**< records in the datagram that was sent last */
	uint64_t sent, lost; /**< records; a record is counted in one of them */
};

/** Open the socket; what goes wrong is in sink->error, and sink_retry() tries again. */
void sink_init(struct sink *sink, const struct sl_log_sink *to);

/** Close it. */
void sink_fini(struct sink *sink);

/** Once a second: open it again if it is not open; true when it was opened just now. */
bool sink_tick(struct sink *sink);

/** Send a datagram that holds n records; they count as sent or as lost. */
void sink_send(struct sink *sink, const void *data, size_t len, unsigned int n);

#endif /* SINK_H */
