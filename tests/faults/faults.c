/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A sluice in which one allocation fails: the program's own objects linked anew, with every
 * call that takes memory, a descriptor or a kernel object led through here (ld --wrap). Only
 * sluice's own calls are, not those of DPDK and libc among themselves, and only those of
 * control: a worker that asks for memory is a defect by itself and is told.
 *
 *   SLUICE_FAULT=N     the Nth call after EAL's start fails; N+: it and all that follow
 *   SLUICE_FAULT_TRACE with a stack trace, in a sanitizer build
 *   SIGUSR1, value N   the Nth call from now on fails; N + 2^30: it and all that follow;
 *                      0: none, and say how many there were
 *   SIGUSR2, value S   the wall clock, as control sees it, is S seconds off
 *
 * Each fault is a line on stderr: "fault N: NAME".
 */
#include <dirent.h>
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <expat.h>
#include <libmnl/libmnl.h>

#include <cmdline_rdline.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_hash.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_lpm.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_ring.h>
#include <rte_telemetry.h>

#define ALL (1u << 30)

void __sanitizer_print_stack_trace(void) __attribute__((weak));

static unsigned int count, at; /* written by control and the signal handler */
static bool on, all, traced, trace; /* all: likewise */
static int off; /* seconds; w: the signal handler */

static void
say(const char *what, unsigned int n, const char *name)
{
	char line[128];
	int len = snprintf(line, sizeof(line), "%s %u: %s\n", what, n, name);

	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		return;
}

/* Is it this call's turn? */
static bool
is_due(const char *name, int error)
{
	unsigned int n, when;

	if (!__atomic_load_n(&on, __ATOMIC_RELAXED) || rte_lcore_id() != rte_get_main_lcore())
		return false;
	n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
	when = __atomic_load_n(&at, __ATOMIC_RELAXED);
	if (when == 0 || (n != when && !(__atomic_load_n(&all, __ATOMIC_RELAXED) && n > when)))
		return false;
	if (n == when || !traced)
		say("fault", n, name);
	traced = true;
	if (trace && __sanitizer_print_stack_trace != NULL)
		__sanitizer_print_stack_trace();
	errno = rte_errno = error;
	return true;
}

/* The same for memory, which no worker may ask for. */
static bool
is_due_memory(const char *name)
{
	unsigned int lcore = rte_lcore_id();

	if (__atomic_load_n(&on, __ATOMIC_RELAXED) && lcore != rte_get_main_lcore() &&
		lcore != LCORE_ID_ANY)
		say("a worker asks for memory, lcore", lcore, name);
	return is_due(name, ENOMEM);
}

/* A wrapper, its real function, and what stands for the failure. */
#define WRAP(type, name, parameters, arguments, due, failure)                                      \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return due ? (failure) : __real_##name arguments;                                  \
	}

#define MEMORY(name, parameters, arguments)                                                        \
	WRAP(void *, name, parameters, arguments, is_due_memory(#name), NULL)
#define OBJECT(type, name, parameters, arguments)                                                  \
	WRAP(type, name, parameters, arguments, is_due(#name, ENOMEM), NULL)
#define CALL(name, error, failure, parameters, arguments)                                          \
	WRAP(int, name, parameters, arguments, is_due(#name, error), failure)

MEMORY(malloc, (size_t size), (size))
MEMORY(calloc, (size_t n, size_t size), (n, size))
MEMORY(realloc, (void *old, size_t size), (old, size))
MEMORY(rte_malloc, (const char *type, size_t size, unsigned int align), (type, size, align))
MEMORY(rte_zmalloc, (const char *type, size_t size, unsigned int align), (type, size, align))
MEMORY(rte_malloc_socket, (const char *type, size_t size, unsigned int align, int socket),
	(type, size, align, socket))
MEMORY(rte_zmalloc_socket, (const char *type, size_t size, unsigned int align, int socket),
	(type, size, align, socket))
MEMORY(rte_calloc, (const char *type, size_t n, size_t size, unsigned int align),
	(type, n, size, align))
MEMORY(rte_realloc, (void *old, size_t size, unsigned int align), (old, size, align))

OBJECT(char *, strndup, (const char *text, size_t n), (text, n))
OBJECT(FILE *, open_memstream, (char **text, size_t *size), (text, size))
OBJECT(FILE *, fmemopen, (void *buf, size_t size, const char *mode), (buf, size, mode))
OBJECT(FILE *, fopen64, (const char *path, const char *mode), (path, mode))
OBJECT(FILE *, fdopen, (int fd, const char *mode), (fd, mode))
OBJECT(DIR *, opendir, (const char *path), (path))
OBJECT(struct rte_ring *, rte_ring_create,
	(const char *name, unsigned int n, int socket, unsigned int flags),
	(name, n, socket, flags))
OBJECT(struct rte_ring *, rte_ring_create_elem,
	(const char *name, unsigned int size, unsigned int n, int socket, unsigned int flags),
	(name, size, n, socket, flags))
OBJECT(struct rte_hash *, rte_hash_create, (const struct rte_hash_parameters *p), (p))
OBJECT(struct rte_lpm *, rte_lpm_create,
	(const char *name, int socket, const struct rte_lpm_config *config), (name, socket, config))
OBJECT(struct rte_mempool *, rte_pktmbuf_pool_create,
	(const char *name, unsigned int n, unsigned int cache, uint16_t priv, uint16_t room,
		int socket),
	(name, n, cache, priv, room, socket))
OBJECT(struct rte_tel_data *, rte_tel_data_alloc, (void), ())
OBJECT(struct rdline *, rdline_new,
	(rdline_write_char_t * write_char, rdline_validate_t *validate, rdline_complete_t *complete,
		void *opaque),
	(write_char, validate, complete, opaque))
OBJECT(struct mnl_socket *, mnl_socket_open2, (int bus, int flags), (bus, flags))
OBJECT(XML_Parser, XML_ParserCreate, (const XML_Char *encoding), (encoding))
OBJECT(struct MHD_Response *, MHD_create_response_from_buffer,
	(size_t size, void *data, enum MHD_ResponseMemoryMode mode), (size, data, mode))

CALL(socket, EMFILE, -1, (int family, int type, int protocol), (family, type, protocol))
CALL(bind, ENOMEM, -1, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))
CALL(listen, ENOMEM, -1, (int fd, int n), (fd, n))
CALL(accept4, EMFILE, -1, (int fd, struct sockaddr *from, socklen_t *len, int flags),
	(fd, from, len, flags))
CALL(epoll_create1, EMFILE, -1, (int flags), (flags))
/* Only taking up a descriptor asks for memory. */
WRAP(int, epoll_ctl, (int fd, int op, int other, struct epoll_event *event), (fd, op, other, event),
	op == EPOLL_CTL_ADD && is_due("epoll_ctl", ENOMEM), -1)
CALL(eventfd, EMFILE, -1, (unsigned int initial, int flags), (initial, flags))
CALL(timerfd_create, EMFILE, -1, (int clock, int flags), (clock, flags))
CALL(mkostemp64, EMFILE, -1, (char *name, int flags), (name, flags))
CALL(rename, ENOSPC, -1, (const char *from, const char *to), (from, to))
CALL(setns, ENOMEM, -1, (int fd, int type), (fd, type))
CALL(unshare, ENOMEM, -1, (int flags), (flags))
CALL(mnl_socket_bind, ENOMEM, -1, (struct mnl_socket * s, unsigned int groups, pid_t pid),
	(s, groups, pid))
CALL(mnl_socket_setsockopt, ENOMEM, -1,
	(const struct mnl_socket *s, int type, void *value, socklen_t len), (s, type, value, len))
WRAP(ssize_t, mnl_socket_sendto, (const struct mnl_socket *s, const void *data, size_t size),
	(s, data, size), is_due("mnl_socket_sendto", ENOBUFS), -1)
WRAP(ssize_t, getrandom, (void *data, size_t size, unsigned int flags), (data, size, flags),
	is_due("getrandom", ENOMEM), -1)
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *msg, int flags), (fd, msg, flags),
	is_due("sendmsg", ENOBUFS), -1)
WRAP(ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags),
	is_due("send", ENOBUFS), -1)

CALL(rte_hash_rcu_qsbr_add, ENOMEM, 1, (struct rte_hash * h, struct rte_hash_rcu_config *config),
	(h, config))
CALL(rte_lpm_rcu_qsbr_add, ENOMEM, 1, (struct rte_lpm * lpm, struct rte_lpm_rcu_config *config),
	(lpm, config))
CALL(rte_lpm_add, ENOSPC, -ENOSPC,
	(struct rte_lpm * lpm, uint32_t ip, uint8_t depth, uint32_t next_hop),
	(lpm, ip, depth, next_hop))
CALL(rte_mbuf_dynfield_register, ENOMEM, -1, (const struct rte_mbuf_dynfield *field), (field))
CALL(rte_eal_remote_launch, EBUSY, -EBUSY, (lcore_function_t * fn, void *arg, unsigned int lcore),
	(fn, arg, lcore))
CALL(rte_telemetry_register_cmd, ENOMEM, -ENOMEM,
	(const char *cmd, telemetry_cb fn, const char *help), (cmd, fn, help))
CALL(rte_eth_dev_info_get, EIO, -EIO, (uint16_t port, struct rte_eth_dev_info *info), (port, info))
CALL(rte_eth_dev_configure, ENOMEM, -ENOMEM,
	(uint16_t port, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf),
	(port, rx, tx, conf))
CALL(rte_eth_rx_queue_setup, ENOMEM, -ENOMEM,
	(uint16_t port, uint16_t queue, uint16_t n, unsigned int socket,
		const struct rte_eth_rxconf *conf, struct rte_mempool *pool),
	(port, queue, n, socket, conf, pool))
CALL(rte_eth_tx_queue_setup, ENOMEM, -ENOMEM,
	(uint16_t port, uint16_t queue, uint16_t n, unsigned int socket,
		const struct rte_eth_txconf *conf),
	(port, queue, n, socket, conf))
CALL(rte_eth_dev_start, ENOMEM, -ENOMEM, (uint16_t port), (port))
CALL(rte_eth_dev_callback_register, ENOMEM, -ENOMEM,
	(uint16_t port, enum rte_eth_event_type event, rte_eth_dev_cb_fn fn, void *arg),
	(port, event, fn, arg))

/* Those with variable arguments. */

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_asprintf(char **text, const char *fmt, ...);
struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned int flags, uint16_t port,
	MHD_AcceptPolicyCallback accept, void *accept_arg, MHD_AccessHandlerCallback handler,
	void *handler_arg, ...);

int
__wrap_open64(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = va_arg(ap, int); /* nothing that counts, without O_CREAT */
	va_end(ap);
	return is_due("open64", EMFILE) ? -1 : __real_open64(path, flags, mode);
}

int
__wrap_asprintf(char **text, const char *fmt, ...)
{
	va_list ap;
	int rc;

	if (is_due("asprintf", ENOMEM))
		return -1;
	va_start(ap, fmt);
	rc = vasprintf(text, fmt, ap);
	va_end(ap);
	return rc;
}

struct MHD_Daemon *
__wrap_MHD_start_daemon(unsigned int flags, uint16_t port, MHD_AcceptPolicyCallback accept,
	void *accept_arg, MHD_AccessHandlerCallback handler, void *handler_arg, ...)
{
	struct MHD_Daemon *daemon;
	va_list ap;

	if (is_due("MHD_start_daemon", ENOMEM))
		return NULL;
	va_start(ap, handler_arg);
	daemon = MHD_start_daemon_va(flags, port, accept, accept_arg, handler, handler_arg, ap);
	va_end(ap);
	return daemon;
}

/* ---- when ---- */

int __real_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);

int
__wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	int rc = __real_clock_gettime(clock, ts);

	if (rc == 0 && clock == CLOCK_REALTIME)
		ts->tv_sec += __atomic_load_n(&off, __ATOMIC_RELAXED);
	return rc;
}

static void
on_clock(int number, siginfo_t *info, void *context)
{
	RTE_SET_USED(number);
	RTE_SET_USED(context);
	__atomic_store_n(&off, info->si_value.sival_int, __ATOMIC_RELAXED);
}

static void
on_order(int number, siginfo_t *info, void *context)
{
	unsigned int n = (unsigned int)info->si_value.sival_int, so_far;

	RTE_SET_USED(number);
	RTE_SET_USED(context);
	so_far = __atomic_exchange_n(&count, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&traced, false, __ATOMIC_RELAXED);
	__atomic_store_n(&all, n >= ALL, __ATOMIC_RELAXED);
	__atomic_store_n(&at, n % ALL, __ATOMIC_RELAXED);
	if (n == 0)
		say("calls", so_far, "since the last order");
}

int __real_rte_eal_init(int argc, char **argv);
int __wrap_rte_eal_init(int argc, char **argv);

int
__wrap_rte_eal_init(int argc, char **argv)
{
	struct sigaction action = { .sa_sigaction = on_order, .sa_flags = SA_SIGINFO | SA_RESTART };
	const char *when = getenv("SLUICE_FAULT");
	char *end;
	int rc = __real_rte_eal_init(argc, argv);

	trace = getenv("SLUICE_FAULT_TRACE") != NULL;
	if (when != NULL) {
		at = (unsigned int)strtoul(when, &end, 10);
		all = *end == '+';
	}
	sigaction(SIGUSR1, &action, NULL);
	action.sa_sigaction = on_clock;
	sigaction(SIGUSR2, &action, NULL);
	__atomic_store_n(&on, true, __ATOMIC_RELAXED);
	return rc;
}
