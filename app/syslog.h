/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SYSLOG_H
#define SYSLOG_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

#define SYSLOG_MESSAGE_MAX 480 /* RFC 5424 section 6.1: what every receiver takes */
#define SYSLOG_PORT 514

/** Who says it. */
struct syslog_origin {
	char host[256]; /**< printable, or "-" */
	int pid;
};

/** Find out this machine's name and this process's number. */
void syslog_origin_init(struct syslog_origin *origin);

/**
 * Write a record as one RFC 5424 message of at most SYSLOG_MESSAGE_MAX bytes.
 * @param text  with a sentence for people behind the structured data
 * @return its length without the final zero; never cut inside the structured data
 */
size_t syslog_format(char *buf, size_t size, const struct syslog_origin *origin,
	const struct record_view *view, bool text);

#endif /* SYSLOG_H */
