/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTLSOCK_H
#define CTLSOCK_H

#include <stddef.h>
#include <sys/un.h>

/** Letters in the name of a unix socket. */
#define CTLSOCK_NAME_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

/**
 * Make a unix socket and listen at it. Only its owner may connect, from the moment it exists.
 * The file of a dead instance is replaced, a missing directory made.
 * @param path  as in "/run/sluice/rte.sock"
 * @return its descriptor, which does not block, or -errno, logged: -EADDRINUSE when another
 *         sluice listens there
 */
int ctlsock_listen(const char *path);

#endif /* CTLSOCK_H */
