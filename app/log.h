/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APP_LOG_H
#define APP_LOG_H

#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_log.h>

/**
 * SL_LOG(LEVEL, fmt, ...) with LEVEL one of ERR, WARNING, NOTICE, INFO, DEBUG; no final
 * newline. Each file that includes this has a log type of its own, made from its name:
 * app/port.c logs as "sluice.port", so --log-level=sluice.port:debug turns it up.
 * Control lcore only: a worker never logs between RX and TX.
 */

static int sl_log_type;

RTE_INIT(sl_log_register)
{
	const char *base = strrchr(__BASE_FILE__, '/');
	char name[48];

	base = base != NULL ? base + 1 : __BASE_FILE__;
	snprintf(name, sizeof(name), "sluice.%.*s", (int)strcspn(base, "."), base);
	sl_log_type = rte_log_register_type_and_pick_level(name, RTE_LOG_INFO);
	if (sl_log_type < 0)
		sl_log_type = RTE_LOGTYPE_USER1;
}

#define SL_LOG(level, fmt, ...)                                                                    \
	rte_log(RTE_LOG_##level, sl_log_type, "sluice: " fmt "\n", ##__VA_ARGS__)

#endif /* APP_LOG_H */
