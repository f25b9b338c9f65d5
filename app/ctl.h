/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_H
#define CTL_H

struct box;

/**
 * Listen for sluicectl on a unix socket (mode 0600); one socket a process. The socket
 * file of a dead instance is replaced, its directory made when it is missing.
 * @param path  as in "/run/sluice/rte.sock"
 * @return 0 or -errno, logged: -EADDRINUSE when another sluice uses it
 */
int ctl_create(struct box *box, const char *path);

/** Close all connections, remove the socket file. Does nothing without ctl_create(). */
void ctl_destroy(void);

#endif /* CTL_H */
