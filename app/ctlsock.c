/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The name of sluicectl's socket in the file system: who has it, who may have it next, and who
 * may open it, which is root alone (mode 0600).
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctlsock.h"
#include "log.h"

/* Remove the socket file of an instance that is no more; -EADDRINUSE when it lives. */
static int
clear_path(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, rc;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	rc = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 ? 0 : -errno;
	close(fd);
	/* A full backlog is a sign of life too. */
	if (rc == 0 || rc == -EAGAIN)
		return -EADDRINUSE;
	if (rc != -ECONNREFUSED)
		return rc;
	SL_LOG(INFO, "%s was left by an instance that is gone", addr->sun_path);
	return unlink(addr->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

/* Make the directory of the socket, one level. */
static void
make_directory(const char *path)
{
	char dir[CTLSOCK_NAME_MAX + 1];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash == NULL || slash == dir)
		return;
	*slash = '\0';
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		SL_LOG(WARNING, "%s cannot be made: %s; --socket names another place", dir,
			strerror(errno));
}

static int
listen_at(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	/* The file gets the mode that the socket has when it is bound (unix(7) on Linux). */
	if (fchmod(fd, 0600) == 0 && bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0) {
		if (listen(fd, 16) == 0)
			return fd;
		rc = -errno;
		unlink(addr->sun_path);
	} else {
		rc = -errno;
	}
	close(fd);
	return rc;
}

int
ctlsock_listen(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int rc;

	if (strlen(path) > CTLSOCK_NAME_MAX) {
		SL_LOG(ERR, "%s: a socket's name has at most %zu letters", path, CTLSOCK_NAME_MAX);
		return -ENAMETOOLONG;
	}
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	make_directory(path);
	rc = clear_path(&addr);
	if (rc == 0)
		rc = listen_at(&addr);
	if (rc >= 0)
		return rc;
	if (rc == -EADDRINUSE)
		SL_LOG(ERR, "another sluice uses %s; give this one --file-prefix or --socket",
			path);
	else if (rc == -ENOTSOCK)
		SL_LOG(ERR,
			"%s is there and is no socket, so it stays; remove it, or give another by "
			"--socket",
			path);
	else
		SL_LOG(ERR, "cannot listen at %s: %s; --socket names another place", path,
			strerror(-rc));
	return rc;
}
