/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "looking.h"

/** What ends a capture. */
struct capture_limits {
	uint32_t packets;
	uint32_t keep; /**< bytes of each packet */
	uint64_t bytes; /**< of the file */
	uint64_t ms;
};

/** Begin one to the file at `path`, which is absolute. @return 0, or as call_fail() */
int capture_begin(struct call *call, const char *path, const struct sl_watch_filter *filter,
	const struct capture_limits *limits);

#endif /* CAPTURE_H */
