/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SERVICE_H
#define SERVICE_H

#include "box.h"

/** Tell the service manager that the box forwards packets. Control; each does nothing without one. */
void service_ready(void);

/**
 * Once a second: how the box is, for `systemctl status`, and that it lives, unless a worker stands
 * still: then the service manager's watchdog is left to run out.
 */
void service_tick(const struct box *box);

/** Tell that the end has begun. */
void service_stopping(void);

#endif /* SERVICE_H */
