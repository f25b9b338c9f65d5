/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Network namespaces by name, the way `ip netns` keeps them: a name is a file in /run/netns
 * on which the namespace is mounted.
 *
 * A namespace belongs to a thread, and sockets and TAPs stay in the one where they were
 * made. So a thread enters for the few calls that open something, and leaves again; nothing
 * else of the process notices. Whoever makes a name removes it. A name that was there is
 * only used, except for a plain empty file: such a one is left over from a mount namespace
 * that is no more (as under `ip netns exec`), and is taken over.
 *
 * Control lcore only. Needs CAP_SYS_ADMIN. Limits: whoever is killed leaves the names he has
 * made, and the next one to come takes them for somebody else's and leaves them too. Under
 * `ip netns exec` the mounts are that process's own: the rest of the machine sees the names
 * but not what they stand for (nsenter --net does not have this effect).
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/nsfs.h>

#include "log.h"
#include "netns.h"

#define DIRECTORY "/run/netns"
#define HERE "/proc/thread-self/ns/net"
#define TRIES 10

static void
make_path(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", DIRECTORY, name);
}

/* A descriptor of a namespace by name; -ENOENT also for a file that is none yet. */
static int
open_name(const char *name)
{
	char path[sizeof(DIRECTORY) + NETNS_NAME_MAX + 1];
	struct stat st;
	int fd;

	make_path(path, sizeof(path), name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET)
		return fd;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
		errno = ENOENT;
	else
		errno = EEXIST;
	close(fd);
	return -errno;
}

/* As `ip netns add` does it: mounts in the directory are seen by all mount namespaces. */
static int
share_directory(void)
{
	if (mkdir(DIRECTORY, 0755) < 0 && errno != EEXIST)
		return -errno;
	if (mount("", DIRECTORY, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	/* It is no mount point yet. */
	if (mount(DIRECTORY, DIRECTORY, "none", MS_BIND | MS_REC, NULL) < 0 ||
		mount("", DIRECTORY, "none", MS_SHARED | MS_REC, NULL) < 0)
		return -errno;
	return 0;
}

/* Mount a new namespace on a file; the thread is back at home afterwards. */
static int
mount_new(const char *path)
{
	int home = open(HERE, O_RDONLY | O_CLOEXEC), rc = 0, back;

	if (home < 0)
		return -errno;
	if (unshare(CLONE_NEWNET) < 0) {
		rc = -errno;
		close(home);
		return rc;
	}
	if (mount(HERE, path, "none", MS_BIND, NULL) < 0)
		rc = -errno;
	back = netns_leave(home);
	return rc < 0 ? rc : back;
}

int
netns_make(const char *name, bool *made)
{
	char path[sizeof(DIRECTORY) + NETNS_NAME_MAX + 1];
	int fd = open_name(name), rc;

	*made = false;
	if (fd >= 0)
		return close(fd);
	if (fd != -ENOENT)
		return fd;
	rc = share_directory();
	if (rc < 0)
		return rc;
	make_path(path, sizeof(path), name);
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
	if (fd < 0)
		return -errno;
	close(fd);
	rc = mount_new(path);
	if (rc < 0)
		netns_remove(name);
	*made = rc == 0;
	return rc;
}

void
netns_remove(const char *name)
{
	char path[sizeof(DIRECTORY) + NETNS_NAME_MAX + 1];

	make_path(path, sizeof(path), name);
	umount2(path, MNT_DETACH);
	if (unlink(path) < 0 && errno != ENOENT)
		SL_LOG(WARNING, "%s: cannot be removed: %s; 'ip netns del' does it by hand", path,
			strerror(errno));
}

int
netns_enter(const char *name)
{
	int home, fd, rc = 0;

	home = open(HERE, O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return -errno;
	fd = open_name(name);
	if (fd < 0)
		rc = fd;
	else if (setns(fd, CLONE_NEWNET) < 0)
		rc = -errno;
	if (fd >= 0)
		close(fd);
	if (rc == 0)
		return home;
	close(home);
	return rc;
}

int
netns_leave(int home)
{
	int rc = -1;

	/* It is allowed, since entering was; what may be short for a moment is memory. */
	for (int i = 0; rc < 0 && i < TRIES; i++)
		rc = setns(home, CLONE_NEWNET) < 0 ? -errno : 0;
	if (rc < 0)
		SL_LOG(ERR, "control cannot get back to its network namespace: %s", strerror(-rc));
	close(home);
	return rc;
}
