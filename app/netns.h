/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NETNS_H
#define NETNS_H

#include <stdbool.h>

/** Longest name of a network namespace here, with its final zero. */
#define NETNS_NAME_MAX 64

/**
 * See to it that a network namespace of this name exists, as for `ip netns`.
 * @param made  set to whether it was made now, then the caller has to remove it
 * @return 0 or -errno
 */
int netns_make(const char *name, bool *made);

/** Remove the name; the namespace itself ends with the last descriptor that is in it. */
void netns_remove(const char *name);

/**
 * Put the calling thread into a network namespace.
 * @return a descriptor for netns_leave(), or -errno: then the thread is where it was
 */
int netns_enter(const char *name);

/** Back to where the thread was; 0 or -errno, logged. */
int netns_leave(int home);

#endif /* NETNS_H */
